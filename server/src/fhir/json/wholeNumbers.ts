import { elementsBelow, nameWithType } from '../definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../definitions/types.ts';
import { errorIssue, type Issue } from '../outcome.ts';
import type { JsonObject } from '../resource.ts';
import type { ParsedJson } from './parse.ts';

/** Faults that are told; whoever writes all integers so sees the rule after a few. */
const FAULTS_MAX = 20;
const INTEGER_TYPES: ReadonlySet<string> = new Set(['integer', 'positiveInt', 'unsignedInt']);
/** How FHIR writes them (http://hl7.org/fhir/R4/datatypes.html#integer), less the plus sign, which JSON does not have. */
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;

const isRaw = (JSON as unknown as { isRawJSON(value: unknown): value is { rawJSON: string } }).isRawJSON;

/**
 * The integers of a resource that are written as `2.0`, `1e3` or `-0`: FHIR allows digits alone, and in XML such a text is no integer at all. By
 * the value alone they cannot be told from others, so the validator does not see them. What no definition knows is passed over.
 *
 * @returns nothing where no number of the text needed its digits kept
 */
export function wholeNumberFaults(definitions: Definitions, { value, exact }: ParsedJson): Issue[] {
  return value === exact ? [] : new WholeNumbers(definitions).faultsOf(exact);
}

/** A property that R4 defines, and where it stands. */
interface Place {
  before: Place | undefined;
  /** Of the element: choices without their type. */
  name: string;
  index: number | undefined;
}

interface Found {
  element: ElementDefinition;
  /** Whether its values are integers. */
  isInteger: boolean;
  /** What the elements below it are looked for by. */
  below: string;
}

/** Goes down by the definitions, each of which is looked up once: a body may have millions of numbers. */
class WholeNumbers {
  readonly #definitions: Definitions;
  readonly #found = new Map<string, Map<string, Found | undefined>>();
  readonly #faults: Issue[] = [];
  #root = '';

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  faultsOf(resource: unknown): Issue[] {
    const { resourceType } = (resource ?? {}) as { resourceType?: unknown };
    if (typeof resourceType !== 'string') return [];
    this.#root = resourceType;
    this.#object(resource as JsonObject, resourceType, undefined);
    return this.#faults;
  }

  #object(object: JsonObject, type: string, before: Place | undefined): void {
    const own = typeof object.resourceType === 'string' ? object.resourceType : type;
    for (const [name, child] of Object.entries(object)) {
      // A number whose digits need not be kept is a number, and no object.
      if (typeof child !== 'object' || child === null || this.#faults.length === FAULTS_MAX) continue;
      const found = this.#lookUp(own, name);
      if (!found) continue;
      if (!Array.isArray(child))
        this.#value(child, found, { before, name: found.element.name, index: undefined });
      else this.#items(child, found, before);
    }
  }

  #items(items: readonly unknown[], found: Found, before: Place | undefined): void {
    for (const [index, item] of items.entries())
      if (typeof item === 'object' && item !== null)
        this.#value(item, found, { before, name: found.element.name, index });
  }

  #value(value: object, found: Found, place: Place): void {
    if (!isRaw(value)) this.#object(value as JsonObject, found.below, place);
    else if (found.isInteger && isWronglyWritten(value.rawJSON) && this.#faults.length < FAULTS_MAX) {
      const text = `The element '${place.name}' is an integer: write it in digits alone, without fraction or exponent, 2 for 2.0.`;
      this.#faults.push(errorIssue('value', text, this.#root + pathOf(place)));
    }
  }

  #lookUp(type: string, name: string): Found | undefined {
    let byName = this.#found.get(type);
    if (!byName) this.#found.set(type, (byName = new Map()));
    if (!byName.has(name)) byName.set(name, this.#find(type, name));
    return byName.get(name);
  }

  #find(type: string, name: string): Found | undefined {
    const plain = name.replace(/^_/, '');
    for (const element of elementsBelow(this.#definitions, type)) {
      const { contentReference } = element;
      if (contentReference !== undefined && element.name === plain)
        return { element, isInteger: false, below: contentReference };
      const typed = element.types.find(({ code }) => nameWithType(element, code) === plain);
      if (!typed) continue;
      const below = element.children === undefined ? typed.code : element.path;
      const isBeside = plain !== name;
      return {
        element,
        isInteger: !isBeside && INTEGER_TYPES.has(typed.code),
        below: isBeside ? 'Element' : below,
      };
    }
    return undefined;
  }
}

const isWronglyWritten = (number: string): boolean =>
  Number.isInteger(Number(number)) && !INTEGER.test(number);

function pathOf(place: Place | undefined): string {
  if (place === undefined) return '';
  const { before, name, index } = place;
  return `${pathOf(before)}.${name}${index === undefined ? '' : `[${index}]`}`;
}
