import type { JsonObject } from '../fhir/resource.ts';
import { isObject, NO_INDEX, type ObjectCheck, type ValidationState } from './state.ts';
import { FORMATS } from './formats/formats.ts';
import { hasControlCharacters, STRING_LENGTH_MAX } from './formats/text.ts';
import type { RuleId } from './rules.ts';

/**
 * What the compiled checks call when a value is not as it should be (and for what is rare in real resources):
 * finds out what exactly is wrong and reports it. `name` and `index` say where below the object at `depth`.
 */

/** A value that does not pass the check of its primitive type. */
export function badPrimitive(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  type: string,
  value: unknown,
): void {
  const format = FORMATS[type]!;
  const report = (rule: RuleId, diagnostics: string): void =>
    state.report(rule, depth, name, index, diagnostics);
  if (value === null) return nullValue(state, depth, name, index);
  if (Array.isArray(value)) return notSingle(state, depth, name, index);
  if (typeof value !== format.json) {
    return report(
      'json-type',
      `The element '${name}' must be a JSON ${format.json} (${type}): ${format.advice}.`,
    );
  }
  if (value === '') {
    return report('empty-string', `The element '${name}' is an empty string: leave the element out.`);
  }
  if (format.rule)
    return report(format.rule, `The element '${name}' is not a valid ${type}: ${format.advice}.`);
  badText(state, depth, name, index, value as string);
  if (state.thorough) spaceAround(state, depth, { name, index, type }, value as string);
}

function badText(state: ValidationState, depth: number, name: string, index: number, text: string): void {
  if (text.length > STRING_LENGTH_MAX) {
    const advice = `shorten it to ${STRING_LENGTH_MAX} characters`;
    return state.report(
      'string-too-long',
      depth,
      name,
      index,
      `The element '${name}' is too long: ${advice}.`,
    );
  }
  if (!text.isWellFormed()) {
    const advice = 'write each character beyond U+FFFF as a pair of surrogates';
    return state.report(
      'string-not-unicode',
      depth,
      name,
      index,
      `The element '${name}' has half a character: ${advice}.`,
    );
  }
  if (text.includes('\0')) {
    const diagnostics = `The element '${name}' has the character U+0000: remove it.`;
    return state.report('string-nul', depth, name, index, diagnostics);
  }
  if (!hasControlCharacters(text)) return;
  // The specification says SHOULD NOT, so it is a remark and no error.
  const diagnostics = `The element '${name}' has control characters, which XML cannot carry: remove them.`;
  state.report('control-character', depth, name, index, diagnostics, 'warning');
}

/** White space SHOULD NOT be all of a text, nor stand around a string (http://hl7.org/fhir/R4/datatypes.html#string); in markdown it may mean something. */
function spaceAround(
  state: ValidationState,
  depth: number,
  { name, index, type }: { name: string; index: number; type: string },
  text: string,
): void {
  const trimmed = text.trim();
  if (trimmed !== '' && (type !== 'string' || trimmed === text)) return;
  const diagnostics =
    trimmed === ''
      ? `The element '${name}' is nothing but white space: leave the element out.`
      : `The element '${name}' begins or ends with white space: remove it.`;
  state.report('string-space', depth, name, index, diagnostics, 'warning');
}

/** The items of a repeating primitive, of which a null is one whose sibling has the extensions. */
export function checkPrimitives(
  state: ValidationState,
  depth: number,
  name: string,
  type: string,
  value: unknown,
  sibling: unknown,
): void {
  if (!Array.isArray(value)) return notArray(state, depth, name, type, value);
  if (value.length === 0) return emptyArray(state, depth, name);
  const { check } = FORMATS[type]!;
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i];
    if (check(item)) continue;
    if (item !== null) badPrimitive(state, depth, name, i, type, item);
    else if (!Array.isArray(sibling) || !isObject(sibling[i])) nullValue(state, depth, name, i);
  }
}

/**
 * The `_name` sibling of a primitive: its id and extensions (http://hl7.org/fhir/R4/json.html#primitive).
 *
 * @param value the primitive itself, if there
 */
export function checkSibling(
  state: ValidationState,
  depth: number,
  name: string,
  sibling: unknown,
  value: unknown,
  repeats: boolean,
  checkElement: ObjectCheck,
): void {
  state.names[depth] = name;
  if (!repeats) {
    state.indexes[depth] = NO_INDEX;
    if (isObject(sibling)) {
      if (value === undefined) onlyId(state, depth, name, NO_INDEX, sibling);
      return checkElement(sibling, state, depth + 1);
    }
    const advice = 'put its id and extensions in { }';
    const diagnostics = `'_${name}' must be a JSON object: ${advice}.`;
    return state.report('json-type', depth, name, NO_INDEX, diagnostics);
  }
  if (!Array.isArray(sibling)) {
    const diagnostics = `'_${name}' must be a JSON array, one item for each item of '${name}': put it in [ ].`;
    return state.report('json-type', depth, name, NO_INDEX, diagnostics);
  }
  if (sibling.length === 0) return emptyArray(state, depth, name);
  if (Array.isArray(value) && value.length !== sibling.length) {
    const advice = 'make them equally long, with null where an item has nothing';
    const diagnostics = `'${name}' and '_${name}' have different lengths: ${advice}.`;
    state.report('array-alignment', depth, name, NO_INDEX, diagnostics);
  }
  for (let i = 0; i < sibling.length; i++) {
    const item: unknown = sibling[i];
    state.indexes[depth] = i;
    if (isObject(item)) {
      if (!Array.isArray(value) || value[i] === null) onlyId(state, depth, name, i, item);
      checkElement(item, state, depth + 1);
    } else if (item !== null) {
      const diagnostics = `Each item of '_${name}' must be a JSON object or null: put id and extensions in { }.`;
      state.report('json-type', depth, name, i, diagnostics);
    } else if (!Array.isArray(value)) nullValue(state, depth, name, i);
  }
}

/** Beside no value there must be extensions (ele-1). */
function onlyId(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  { id, extension }: JsonObject,
): void {
  if (id === undefined || extension !== undefined) return;
  const diagnostics = `The element '${name}' has nothing but an id: give it a value or extensions, or leave it out (ele-1).`;
  state.report('empty-object', depth, name, index, diagnostics);
}

/** A value that should have been an object of a FHIR type. */
export function notObject(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  type: string,
  value: unknown,
): void {
  if (value === null) return nullValue(state, depth, name, index);
  if (Array.isArray(value)) return notSingle(state, depth, name, index);
  const diagnostics = `The element '${name}' must be a JSON object (${type}): write its elements in { }.`;
  state.report('json-type', depth, name, index, diagnostics);
}

/** A value that should have been an array. */
export function notArray(
  state: ValidationState,
  depth: number,
  name: string,
  type: string,
  value: unknown,
): void {
  if (value === null) return nullValue(state, depth, name, NO_INDEX);
  const diagnostics = `The element '${name}' may repeat, so it must be a JSON array of ${type}: put it in [ ].`;
  state.report('json-type', depth, name, NO_INDEX, diagnostics);
}

export function emptyArray(state: ValidationState, depth: number, name: string): void {
  const diagnostics = `The element '${name}' is an empty array: leave the element out.`;
  state.report('empty-array', depth, name, NO_INDEX, diagnostics);
}

function notSingle(state: ValidationState, depth: number, name: string, index: number): void {
  const diagnostics = `The element '${name}' must be a single value and not a JSON array: remove the [ ].`;
  state.report('json-type', depth, name, index, diagnostics);
}

function nullValue(state: ValidationState, depth: number, name: string, index: number): void {
  const advice = index === NO_INDEX ? 'leave the element out' : 'remove the item';
  const diagnostics = `The element '${name}' is null, which FHIR does not allow here: ${advice}.`;
  state.report('null-value', depth, name, index, diagnostics);
}
