/**
 * What can go wrong, said once: a category (which the HTTP edge maps to a status) and the issues of the
 * OperationOutcome that the reader gets. Raised where the fault is seen, so that `expression` can be precise.
 */

/** FHIR issue-type codes in use (http://hl7.org/fhir/R4/valueset-issue-type.html). */
export type IssueCode =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'security'
  | 'login'
  | 'forbidden'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'multiple-matches'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'code-invalid'
  | 'business-rule'
  | 'conflict'
  | 'too-costly'
  | 'transient'
  | 'timeout'
  | 'throttled'
  | 'exception'
  | 'informational';

export interface Issue {
  severity: 'fatal' | 'error' | 'warning' | 'information';
  code: IssueCode;
  /** One sentence: what is wrong and what to do about it. Never patient data. */
  diagnostics: string;
  /** FHIRPath of the faulty element, e.g. `Patient.name[0].family`. */
  expression?: string[];
  /** Stable machine-readable id of the rule that was broken. */
  details?: { coding?: { system?: string; code: string }[]; text?: string };
}

export interface OperationOutcome {
  resourceType: 'OperationOutcome';
  issue: Issue[];
}

/** The fixed set of ways in which a request can fail. */
export type ErrorCategory =
  | 'incorrect' // the request cannot be understood
  | 'unprocessable' // understood, but the content breaks a rule
  | 'login' // nobody is signed in, or not any more
  | 'forbidden'
  | 'not-found'
  | 'gone'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'conflict'
  | 'precondition-failed'
  | 'too-large'
  | 'unsupported-media-type'
  | 'timeout'
  | 'uri-too-long'
  | 'throttled'
  | 'headers-too-large'
  | 'fault' // a defect of ours
  | 'not-implemented'
  | 'busy'; // try again later

/** An error that has an answer for the client. Anything else that is thrown is a defect (`fault`). */
export class FhirError extends Error {
  readonly category: ErrorCategory;
  readonly issues: Issue[];
  /** Seconds after which trying again makes sense (`Retry-After`). */
  readonly retryAfterS: number | undefined;

  constructor(category: ErrorCategory, issues: Issue[], retryAfterS?: number) {
    super(issues[0]?.diagnostics ?? category);
    this.name = 'FhirError';
    this.category = category;
    this.issues = issues;
    this.retryAfterS = retryAfterS;
  }
}

/** Rule id of an issue: a token was sent, and it is no good. Apps get another one by themselves where they are told so. */
export const INVALID_TOKEN = 'invalid-token';

/** True for what only the moment does not allow: the same may succeed later. */
export const isBusy = (error: unknown): boolean => error instanceof FhirError && error.category === 'busy';

/** True for what somebody has asked for too often. */
export const isThrottled = (error: unknown): error is FhirError =>
  error instanceof FhirError && error.category === 'throttled';

/** Short form for the usual case of one issue. */
export function fhirError(
  category: ErrorCategory,
  code: IssueCode,
  diagnostics: string,
  expression?: string,
): FhirError {
  return new FhirError(category, [errorIssue(code, diagnostics, expression)]);
}

/** An issue of severity `error`. */
export function errorIssue(code: IssueCode, diagnostics: string, expression?: string): Issue {
  return expression === undefined
    ? { severity: 'error', code, diagnostics }
    : { severity: 'error', code, diagnostics, expression: [expression] };
}

/** The resource that carries the issues to the client. */
export function operationOutcome(issues: Issue[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: issues };
}
