import { FhirError, errorIssue, INVALID_TOKEN, operationOutcome, type Issue } from '../../fhir/outcome.ts';
import { GoneError } from '../../records/records.ts';
import { etag } from './etag.ts';
import { STATUS_OF } from './status.ts';
import type { FhirResponse } from './types.ts';

/** Seconds after which a refused request may be tried again, when the error does not say. */
const RETRY_AFTER_S = 2;
/** A full disk is not emptied in seconds. */
const NO_ROOM_RETRY_AFTER_S = 30;

/** How to get in (RFC 6750, 3); a token that is no good has a name there, no token has none. */
const CHALLENGE = 'Bearer realm="FHIR"';
const TOKEN_CHALLENGE = `${CHALLENGE}, error="invalid_token"`;

/** SQLSTATE of a statement that ran into its time limit. */
const QUERY_CANCELED = '57014';
/** SQLSTATE class of what PostgreSQL has too little of: disk, memory, connections. */
const INSUFFICIENT_RESOURCES = '53';

/**
 * Any error -> the answer for the client. What is not a FhirError is a defect of ours: it is reported to `onDefect`,
 * and the client learns nothing but that.
 */
export function errorResponse(error: unknown, onDefect: (error: unknown) => void): FhirResponse {
  if (error instanceof FhirError) return outcomeResponse(error);
  const code = sqlState(error);
  if (code === QUERY_CANCELED) return outcomeResponse(tooCostly());
  onDefect(error); // also of a full disk: that is for the operator to read
  if (code.startsWith(INSUFFICIENT_RESOURCES)) return outcomeResponse(noRoom());
  const issue = errorIssue(
    'exception',
    'The server failed on this request; the fault is in its log under X-Request-Id.',
  );
  return { status: STATUS_OF.fault, body: outcomeText([issue]) };
}

function sqlState(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
}

function tooCostly(): FhirError {
  const text =
    'The database took too long, and nothing was done: make a search more selective or its _count smaller, send a write in smaller parts.';
  return new FhirError('busy', [errorIssue('too-costly', text)]);
}

function noRoom(): FhirError {
  const text =
    'The database has too little disk, memory or connections for this, and nothing was done. Try again later.';
  return new FhirError('busy', [errorIssue('transient', text)], NO_ROOM_RETRY_AFTER_S);
}

function outcomeResponse(error: FhirError): FhirResponse {
  const headers: Record<string, string> = {};
  if (error.category === 'busy' || error.category === 'throttled') {
    headers['Retry-After'] = String(error.retryAfterS ?? RETRY_AFTER_S);
  }
  if (error.category === 'login')
    headers['WWW-Authenticate'] = isOf(error, INVALID_TOKEN) ? TOKEN_CHALLENGE : CHALLENGE;
  if (error instanceof GoneError) headers.ETag = etag(error.version);
  return { status: STATUS_OF[error.category], headers, body: outcomeText(error.issues) };
}

const isOf = ({ issues }: FhirError, rule: string): boolean =>
  issues.some(({ details }) => details?.coding?.some(({ code }) => code === rule));

export function outcomeText(issues: Issue[]): string {
  return JSON.stringify(operationOutcome(issues));
}
