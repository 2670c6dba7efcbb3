import { FhirError, errorIssue, type Issue, type IssueCode } from '../outcome.ts';

/**
 * Why a part of a search cannot be used.
 * - `unknown`: the type has no such parameter, or the parameter no such modifier;
 * - `unreachable`: no resource of the type can match, as the reference of a `_has` never leads to it;
 * - `unusable`: known, but not offered here (or not yet), or without a value;
 * - `wrong`: written wrongly, or beyond a limit.
 * Lenient handling leaves all but `wrong` out; an untyped chain passes over types for which the rest is `unknown`
 * or `unreachable`.
 */
export type FaultKind = 'unknown' | 'unreachable' | 'unusable' | 'wrong';

/** A part of a search that cannot be used. {@link parseSearch} makes an issue of it that names the parameter. */
export class SearchFault extends Error {
  readonly kind: FaultKind;
  readonly code: IssueCode;

  constructor(kind: FaultKind, code: IssueCode, text: string) {
    super(text);
    this.name = 'SearchFault';
    this.kind = kind;
    this.code = code;
  }
}

export const unknown = (text: string) => new SearchFault('unknown', 'not-supported', text);
export const unusable = (text: string) => new SearchFault('unusable', 'not-supported', text);
export const wrong = (text: string) => new SearchFault('wrong', 'invalid', text);
/** Understood and not offered, but too much a part of the question to be left out. */
export const refused = (text: string) => new SearchFault('wrong', 'not-supported', text);
export const tooCostly = (text: string) => new SearchFault('wrong', 'too-costly', text);

/** A value that cannot be read: `text` continues a sentence that begins with the value ("is no date: ..."). */
export class ValueFault extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'ValueFault';
  }
}

/** Reads one value; a fault becomes one of the parameter. `subject` names the value: "Value 2 of 'code'". */
export function readValue<T>(subject: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueFault) throw new SearchFault('wrong', 'value', `${subject} ${error.message}`);
    throw error;
  }
}

/** The fault as the client sees it; `name` is the parameter's name as sent. */
export function faultIssue(fault: SearchFault, name: string): Issue {
  return errorIssue(fault.code, fault.message, expressionOf(name));
}

/** Where a fault of a parameter is. */
export const expressionOf = (name: string): string | undefined =>
  isPrintable(name) ? `http.${name}` : undefined;

/** A fault that is no parameter's. */
export const searchError = (fault: SearchFault) =>
  new FhirError('incorrect', [errorIssue(fault.code, fault.message)]);

/** Longest name that outcomes repeat. */
const SHOWN_NAME_CHARS_MAX = 200;

/** Names come from the client: shown only when short and plain, so that no outcome carries patient data. */
export function quoted(name: string): string {
  if (isPrintable(name)) return `'${name}'`;
  if (name === '') return '(empty)';
  if (name.length > SHOWN_NAME_CHARS_MAX) return `(longer than ${SHOWN_NAME_CHARS_MAX} characters)`;
  return /\s/.test(name) ? '(with a blank in it)' : '(with characters that names do not have)';
}

function isPrintable(name: string): boolean {
  return name.length <= SHOWN_NAME_CHARS_MAX && /^[\w.:*-]+$/.test(name);
}

/** `a, b and c`, or `none`. */
export function listed(words: readonly string[]): string {
  if (words.length === 0) return 'none';
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`;
}
