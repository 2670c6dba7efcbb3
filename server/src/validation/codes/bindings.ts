import { isObject, NO_INDEX, type ValidationState } from '../state.ts';
import type { CodeQuestion } from '../ports.ts';
import type { LateReport } from '../questions.ts';
import type { BoundCodes } from './boundCodes.ts';

/**
 * What the compiled checks call for elements with a required binding (http://hl7.org/fhir/R4/terminologies.html#required).
 * Values of another JSON type have been reported before.
 */

/** A `code` that is not among the codes of its binding. */
export function codeOutside(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  { url }: BoundCodes,
): void {
  const diagnostics = `The code of '${name}' is not in the value set that it must be from: use a code of ${url}.`;
  state.report('binding-required', depth, name, index, diagnostics);
}

/** A `code` that has extensions but no value: no code of the value set says so. */
export function codeAbsent(state: ValidationState, depth: number, name: string, codes: BoundCodes): void {
  const diagnostics = `The element '${name}' has no code, but one of ${codes.url} is required where it is there: add it.`;
  state.report('binding-required', depth, name, NO_INDEX, diagnostics);
}

/** A Coding, or a CodeableConcept of which one coding must be in the value set. */
export function checkCoded(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  value: unknown,
  codes: BoundCodes,
): void {
  const codings = codingsOf(value);
  if (codings === undefined) return;
  if (codings.some((coding) => isAmong(coding, codes))) return;
  const diagnostics = `No coding of '${name}' is in the value set that one must be from: add a code of ${codes.url}.`;
  state.report('binding-required', depth, name, index, diagnostics);
}

/** The same for a value set whose codes are not in memory. */
export function askCoded(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  value: unknown,
  valueSet: string,
): void {
  askOutside(state, depth, name, index, questionOf(valueSet, value), (report, message) => {
    const why = message === undefined ? '' : ` (${message})`;
    const text = `No code of '${name}' is in the value set that one must be from${why}: add a code of ${valueSet}.`;
    report('binding-required', text);
  });
}

/** An extensible binding (http://hl7.org/fhir/R4/terminologies.html#extensible): codes of others may be right, so it is a warning. */
export function askExtensible(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  value: unknown,
  valueSet: string,
): void {
  const question = questionOf(valueSet, value);
  if (question?.codings.length === 0) return;
  askOutside(state, depth, name, index, question, (report) => {
    const text = `No code of '${name}' is in the value set that it should be from where one fits: look whether ${valueSet} has it.`;
    report('binding-extensible', text, 'warning');
  });
}

/** Asks, and tells where no code is in the value set. */
function askOutside(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  question: CodeQuestion | undefined,
  tell: (report: LateReport, message: string | undefined) => void,
): void {
  if (!question) return;
  state.askCode(question, depth, name, index, ({ verdict, message }, report) => {
    if (verdict === 'out') tell(report, message);
  });
}

/** Whether a `code`, Coding, CodeableConcept or Quantity is in a value set; undefined for anything else. */
export function questionOf(valueSet: string, value: unknown): CodeQuestion | undefined {
  if (typeof value === 'string') return { valueSet, codings: [{ code: value }], systemImplied: true };
  const codings = codingsOf(value);
  if (codings === undefined) return undefined;
  const asked = codings.map(({ system, version, code, display }) => ({
    ...(typeof system === 'string' ? { system } : {}),
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof display === 'string' ? { display } : {}),
  }));
  return { valueSet, codings: asked };
}

/** The codings of a CodeableConcept, or the Coding itself; undefined for what is neither. */
function codingsOf(value: unknown): Record<string, unknown>[] | undefined {
  if (!isObject(value)) return undefined;
  if (typeof value.code === 'string' || typeof value.system === 'string') return [value];
  return Array.isArray(value.coding) ? value.coding.filter(isObject) : [];
}

function isAmong({ system, code }: Record<string, unknown>, codes: BoundCodes): boolean {
  return typeof system === 'string' && typeof code === 'string' && codes.hasCoding(system, code);
}
