import { NO_INDEX, type ValidationState } from './state.ts';

/** What the compiled check of an object knows about it when it has to explain a fault. */
export interface ObjectShape {
  /** FHIR path, e.g. `Patient.contact` or `HumanName`. */
  path: string;
  /** The types of each choice, by its stem: `value` -> `Quantity`, `string`... */
  choices: Readonly<Record<string, readonly string[]>>;
}

/** A name is quoted only if it can be one of FHIR's: anything else may be content that lost its way. */
const ELEMENT_NAME = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;

/** Also comes here when there are enough issues and nothing is entered any more; then nothing is reported either. */
export function tooDeep(state: ValidationState, depth: number): void {
  const diagnostics = `The content is nested deeper than ${state.depthMax} levels: flatten it.`;
  state.report('nesting-depth', depth, '', NO_INDEX, diagnostics);
}

export function emptyObject(state: ValidationState, depth: number): void {
  const diagnostics = 'The element is empty, or has nothing but an id: leave it out (ele-1).';
  state.report('empty-object', depth, '', NO_INDEX, diagnostics);
}

export function missing(state: ValidationState, depth: number, name: string, shape: ObjectShape): void {
  const diagnostics = `The element '${name}' is required in ${shape.path}: add it.`;
  state.reportElement('cardinality-min', depth, name, diagnostics);
}

export function tooFew(state: ValidationState, depth: number, name: string, min: number): void {
  const diagnostics = `The element '${name}' must have at least ${min} items: add the missing ones.`;
  state.reportElement('cardinality-min', depth, name, diagnostics);
}

export function tooMany(state: ValidationState, depth: number, name: string, max: number): void {
  const advice =
    max === 0 ? 'is not allowed here: leave it out' : `may have at most ${max} items: remove the others`;
  state.reportElement('cardinality-max', depth, name, `The element '${name}' ${advice}.`);
}

export function secondChoice(state: ValidationState, depth: number, name: string): void {
  const diagnostics = `The element '${name}[x]' is there with more than one type: keep one of them.`;
  state.report('choice-multiple', depth, name, NO_INDEX, diagnostics);
}

export function nestedContained(state: ValidationState, depth: number): void {
  const diagnostics =
    'A contained resource may not contain others: move them to the outermost resource (dom-2).';
  state.report('contained-nested', depth, 'contained', NO_INDEX, diagnostics);
}

/** An extension with both a value and extensions, or with neither (ext-1). */
export function extensionContent(state: ValidationState, depth: number, both: boolean): void {
  const diagnostics = both
    ? 'An extension has either a value or extensions of its own: remove one of them (ext-1).'
    : 'An extension must have a value or extensions of its own: add one of them (ext-1).';
  state.report('extension-content', depth, '', NO_INDEX, diagnostics);
}

/** A property that the type of the object does not define. */
export function unknownElement(state: ValidationState, depth: number, key: string, shape: ObjectShape): void {
  if (key === 'fhir_comments' || key === '_fhir_comments') {
    const diagnostics = "FHIR R4 has no comments in JSON: remove 'fhir_comments'.";
    return state.report('fhir-comments', depth, '', NO_INDEX, diagnostics);
  }
  if (key === 'resourceType') {
    const diagnostics = `${shape.path} is not a resource: remove 'resourceType'.`;
    return state.report('resource-type-misplaced', depth, '', NO_INDEX, diagnostics);
  }
  const choice = choiceOf(key, shape);
  if (choice) {
    const types = shape.choices[choice]!.join(', ');
    const diagnostics = `'${choice}[x]' of ${shape.path} cannot have this type: use one of ${types}.`;
    return state.reportElement('choice-type', depth, choice, diagnostics);
  }
  const advice = 'remove it or correct its name';
  if (ELEMENT_NAME.test(key)) {
    const diagnostics = `${shape.path} has no element '${key}': ${advice}.`;
    state.reportElement('unknown-element', depth, key, diagnostics);
  } else {
    const diagnostics = `${shape.path} has a property whose name is no element name: ${advice}.`;
    state.report('unknown-element', depth, '', NO_INDEX, diagnostics);
  }
}

/** The stem of the choice that a property seems to mean: `value` for `valueMoney`, also for a bare `value`. */
function choiceOf(key: string, shape: ObjectShape): string | undefined {
  const name = key.startsWith('_') ? key.slice(1) : key;
  return Object.keys(shape.choices).find(
    (stem) => name.startsWith(stem) && ELEMENT_NAME.test(key) && /^([A-Z]|$)/.test(name.slice(stem.length)),
  );
}
