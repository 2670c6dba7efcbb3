import type { Definitions } from '../../definitions/types.ts';
import {
  PathEvaluationError,
  type ElementStep,
  type PathEngine,
  type PathLocator,
} from '../../path/engine.ts';
import { functionCalls, pathTokens } from '../../path/functionCalls.ts';
import { parseSimplePaths, type PathStep, type SimplePath } from '../../path/parsePath.ts';
import { isA } from '../../path/resolvePath.ts';
import type { Work } from '../work.ts';
import type { Elements, PlacedElement } from './elements.ts';
import { OperationFault } from './operationFault.ts';

/** Longest FHIRPath of an operation, in characters. */
export const PATCH_PATH_CHARS_MAX = 1_000;

/**
 * Functions that lead down to elements of the resource, or tell something about one. None makes more of its input than
 * there is, so that what a path costs is bounded by its length and the resource's.
 */
const FUNCTIONS: ReadonlySet<string> = new Set(
  `where first last tail skip take single ofType as is extension exists empty not all count hasValue
   startsWith endsWith contains indexOf substring length lower upper trim toString abs`.split(/\s+/),
);
/** Other ways to more than the resource has: unions, variables, instances. */
const OTHER_WAYS: ReadonlySet<string> = new Set(['|', '%', '{']);

/** Strings that a literal is compared with character by character. */
const TEXTS: ReadonlySet<string> = new Set('string code uri url canonical id markdown oid uuid'.split(' '));

/** What visiting an element costs. */
const ELEMENT_UNITS = 8;
/** What the engine costs to read an expression, and more by the square of its tokens, as its parser takes them. */
const COMPILE_UNITS = 1_000;
const COMPILE_UNITS_PER_SQUARE = 4;
/** Characters of the resource that it evaluates a token on at the cost of a unit. */
const CHARS_PER_UNIT = 4;

/** Finds the elements that the FHIRPath of an operation leads to. */
export class PatchPath {
  readonly #text: string;
  readonly #simple: SimplePath | undefined;
  readonly #tokens: number;
  readonly #engine: () => PathEngine;
  #locator: PathLocator | undefined;

  /**
   * @param engine only asked for when the path needs it
   * @param work of reading all paths of a patch
   * @throws OperationFault when the text is no FHIRPath, or not one that a patch may use; FhirError as {@link Work}
   */
  constructor(text: string, definitions: Definitions, engine: () => PathEngine, work: Work) {
    if (text.length > PATCH_PATH_CHARS_MAX)
      throw new OperationFault(`its path is longer than ${PATCH_PATH_CHARS_MAX} characters`);
    this.#text = text;
    this.#engine = engine;
    const tokens = pathTokens(text);
    this.#tokens = tokens.length;
    const paths = parseSimplePaths(text, (name) => definitions.type(name)?.kind === 'resource');
    this.#simple = paths?.length === 1 && isWalkable(paths[0]!) ? paths[0] : undefined;
    if (this.#simple !== undefined) return;
    const strange =
      functionCalls(text).find((name) => !FUNCTIONS.has(name)) ??
      tokens.find((token) => OTHER_WAYS.has(token));
    if (strange !== undefined)
      throw new OperationFault(
        `its path uses what a patch may not: only paths to elements of the resource, with where(), first(), extension() and the like, and no resolve(), repeat(), | or %`,
      );
    this.#locator = this.#compiled(work);
  }

  /** The elements in the order of the resource. @throws OperationFault when the path cannot be evaluated on it */
  locate(elements: Elements, work: Work): PlacedElement[] {
    const walked = this.#simple && walk(elements, this.#simple, work);
    if (walked !== undefined) return walked;
    this.#locator ??= this.#compiled(work);
    const plain = JSON.stringify(elements.resource);
    work.spend((this.#tokens * plain.length) / CHARS_PER_UNIT);
    let found: ReturnType<PathLocator>;
    try {
      found = this.#locator(JSON.parse(plain));
    } catch (error) {
      if (!(error instanceof PathEvaluationError)) throw error;
      throw new OperationFault('its path cannot be evaluated on the resource');
    }
    return found.map((steps) => placeOf(elements, steps));
  }

  #compiled(work: Work): PathLocator {
    work.spend(COMPILE_UNITS + this.#tokens ** 2 * COMPILE_UNITS_PER_SQUARE);
    try {
      return this.#engine().locate(quoted(this.#text));
    } catch (error) {
      const at = /line: (\d+); column: (\d+)/.exec(String(error));
      throw new OperationFault(`its path is no FHIRPath${at ? ` (line ${at[1]}, column ${at[2]})` : ''}`);
    }
  }
}

const isWalkable = ({ steps }: SimplePath) => steps.every(({ kind }) => kind !== 'resolvesTo');

/** Narrative has an element with the name of an operator. */
const quoted = (text: string) =>
  text.replace(/'(?:[^'\\]|\\[\s\S])*'|\.\s*div\b/g, (part) => (part.startsWith('.') ? '.`div`' : part));

function placeOf(elements: Elements, steps: readonly ElementStep[] | undefined): PlacedElement {
  let place: PlacedElement | undefined = steps && elements.root;
  for (const { name, index } of steps ?? []) {
    const children: PlacedElement[] = place ? [...elements.childrenNamed(place, name)] : [];
    place = children.find((child) => child.index === index);
  }
  if (place !== undefined) return place;
  throw new OperationFault('its path leads to a value that is no element of the resource');
}

/** Follows a path of names; undefined when it compares what is no text, which FHIRPath has rules for. */
function walk(elements: Elements, { root, steps }: SimplePath, work: Work): PlacedElement[] | undefined {
  const { definitions, resource } = elements;
  const isOther = root !== '' && root !== '%resource' && !isA(definitions, resource.resourceType, root);
  let found: PlacedElement[] | undefined = isOther ? [] : [elements.root];
  for (let i = 0; i < steps.length && found !== undefined; i++) {
    const next = steps[i + 1];
    const before = found.length;
    found = followed(elements, found, steps[i]!, next?.kind === 'item' ? next.index + 1 : Infinity);
    work.spend((before + (found?.length ?? 0)) * ELEMENT_UNITS);
  }
  return found;
}

function followed(
  elements: Elements,
  found: readonly PlacedElement[],
  step: PathStep,
  wanted: number,
): PlacedElement[] | undefined {
  switch (step.kind) {
    case 'element':
      return take(childrenOf(elements, found, step.name), wanted);
    case 'ofType':
      return found.filter(({ type }) => isA(elements.definitions, type, step.type));
    case 'item':
      return found.slice(step.index, step.index + 1);
    case 'where': {
      const fits = found.map((element) => hasText(elements, element, step.element, step.equals));
      return fits.includes(undefined) ? undefined : found.filter((_, i) => fits[i]);
    }
    case 'resolvesTo':
      return undefined;
  }
}

function* childrenOf(elements: Elements, found: readonly PlacedElement[], name: string) {
  for (const element of found) yield* elements.childrenNamed(element, name);
}

function take(found: Iterable<PlacedElement>, wanted: number): PlacedElement[] {
  const taken: PlacedElement[] = [];
  for (const element of found) {
    taken.push(element);
    if (taken.length >= wanted) break;
  }
  return taken;
}

/** Whether the only child of that name has the text; undefined when it is no text. */
function hasText(
  elements: Elements,
  element: PlacedElement,
  name: string,
  text: string,
): boolean | undefined {
  const child = elements.child(element.children, name);
  if (child?.properties.some(({ type }) => !TEXTS.has(type))) return undefined;
  const [only, ...others] = take(elements.childrenNamed(element, name), 2);
  return only !== undefined && others.length === 0 && elements.value(only) === text;
}
