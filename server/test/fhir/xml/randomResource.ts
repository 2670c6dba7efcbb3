import { elementsBelow, nameWithType } from '../../../src/fhir/definitions/elements.ts';
import type { Definitions, ElementDefinition } from '../../../src/fhir/definitions/types.ts';
import type { JsonObject, Resource } from '../../../src/fhir/resource.ts';
import type { Random } from '../../oracle/data/random.ts';

/** Objects and resources inside each other. */
const DEPTH_MAX = 4;
const ITEMS_MAX = 3;

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

const TEXTS = [
  'plain',
  ' blanks around ',
  'line\nbreak\r\nand\ttab',
  `<b a="1" c='2'>&amp; ]]> --></b>`,
  'Jürgen 患者 \u{1f600}',
  '\u0085\u2028\ufeff\u00a0',
  '\r',
  '\u{1fffe}',
];
const NUMBERS = [
  '0',
  '-1',
  '1.50',
  '0.10',
  '1e-7',
  '1E+2',
  '12345678901234567890.00',
  '66.899999999999991',
  '-0',
];
/** XML has no others (datatypes.html#integer). */
const INTEGERS = ['0', '-1', '12345678901234567890'];
const DIVS = [
  '<br/>',
  '<p class="a\'b">x &lt; y &amp; z</p>\n\t',
  '<!-- note --><i>i</i>',
  '&#160;<br></br>',
  'Ü 患',
];

/**
 * A resource that has anything the definitions allow, in the one way in which JSON writes it; no validator would take it,
 * since its codes and dates are any text.
 */
export function randomResource(definitions: Definitions, random: Random): Resource {
  return new Generator(definitions, random).resource(random.pick(definitions.resourceTypes), 0);
}

class Generator {
  readonly #definitions: Definitions;
  readonly #random: Random;

  constructor(definitions: Definitions, random: Random) {
    this.#definitions = definitions;
    this.#random = random;
  }

  resource(resourceType: string, depth: number): Resource {
    return { resourceType, ...this.#object(resourceType, depth + 1) };
  }

  #object(path: string, depth: number): JsonObject {
    const elements = elementsBelow(this.#definitions, path);
    const object: JsonObject = {};
    const wanted = this.#random.sample(elements, 1 + this.#random.below(5));
    for (const element of wanted) this.#add(object, element, depth);
    return Object.keys(object).length === 0 ? { id: 'x' } : object;
  }

  #add(object: JsonObject, element: ElementDefinition, depth: number): void {
    const { contentReference, children, path } = element;
    const code = element.types.length === 0 ? '' : this.#random.pick(element.types).code;
    const name = nameWithType(element, code);
    const ownPath = contentReference ?? (children === undefined ? undefined : path);
    const kind = this.#definitions.type(code)?.kind;
    if (ownPath === undefined && kind === 'primitive-type')
      return this.#addPrimitive(object, element, name, code);
    if (depth >= DEPTH_MAX) return;
    this.#set(object, element, name, () => {
      if (ownPath !== undefined) return this.#object(ownPath, depth + 1);
      if (kind === 'resource')
        return this.resource(this.#random.pick(this.#definitions.resourceTypes), depth + 1);
      return this.#object(code, depth + 1);
    });
  }

  #set(object: JsonObject, { max }: ElementDefinition, name: string, make: () => unknown): void {
    object[name] = max === 1 ? make() : Array.from({ length: 1 + this.#random.below(ITEMS_MAX) }, make);
  }

  #addPrimitive(object: JsonObject, element: ElementDefinition, name: string, type: string): void {
    const isAttribute =
      element.path === 'Extension.url' || (name === 'id' && !/^[A-Za-z]+\.id$/.test(element.path));
    const isBare = isAttribute || type === 'xhtml' || name === 'id' || this.#random.chance(0.7);
    if (isBare) return this.#set(object, element, name, () => this.#value(type));
    const siblings: JsonObject = {};
    this.#set(object, element, name, () => (this.#random.chance(0.5) ? this.#value(type) : null));
    this.#set(siblings, element, name, () => this.#sibling());
    alignSiblings(object, siblings, name);
  }

  #sibling(): JsonObject {
    const extension = { url: this.#value('uri'), valueString: this.#value('string') };
    return this.#random.pick([
      { id: 'e' },
      { extension: [extension] },
      { id: 'e', extension: [extension, extension] },
    ]);
  }

  #value(type: string): unknown {
    if (type === 'boolean') return this.#random.chance(0.5);
    if (type === 'xhtml') return `<div xmlns="http://www.w3.org/1999/xhtml">${this.#random.pick(DIVS)}</div>`;
    if (!['decimal', 'integer', 'positiveInt', 'unsignedInt'].includes(type)) return this.#random.pick(TEXTS);
    const text = this.#random.pick(type === 'decimal' ? NUMBERS : INTEGERS);
    return String(Number(text)) === text ? Number(text) : rawJSON(text);
  }
}

/** Arrays as long as each other, with null where an item has nothing; none that has nothing at all. */
function alignSiblings(object: JsonObject, siblings: JsonObject, name: string): void {
  const [values, extras] = [object[name], siblings[name]];
  if (!Array.isArray(values) || !Array.isArray(extras)) {
    object[`_${name}`] = extras;
    if (values === null) delete object[name];
    return;
  }
  const length = Math.max(values.length, extras.length);
  const all = Array.from({ length }, (_item, i) => (values[i] ?? null) as unknown);
  object[`_${name}`] = all.map((value, i) => (extras[i] ?? (value === null ? { id: 'e' } : null)) as unknown);
  if (all.some((value) => value !== null)) object[name] = all;
  else delete object[name];
}
