import { DatabaseError } from 'pg';
import { FhirError, errorIssue } from '../../fhir/outcome.ts';

/** Seconds after which a client may try again: a restarted database is usually back sooner. */
export const RETRY_AFTER_S = 2;

/** The server ends the connection with these: shutdown, crash, idle timeouts. */
const CONNECTION_ENDED = new Set(['57P01', '57P02', '57P03', '57P04', '57P05', '25P03']);
const TOO_MANY_CONNECTIONS = '53300';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const UNKNOWN_STATEMENT = '26000';
const FEATURE_NOT_SUPPORTED = '0A000';
/** Where PostgreSQL finds that the columns of a prepared statement have changed (plancache.c). */
const PLAN_CHECK = 'RevalidateCachedQuery';

const busy = (diagnostics: string): FhirError =>
  new FhirError('busy', [errorIssue('transient', diagnostics)], RETRY_AFTER_S);

/** Nothing was sent: the database is not there. */
export const databaseAway = (): FhirError =>
  busy('The database is not available at the moment; nothing was done. Try again.');

/** Nothing was sent: every connection is taken. */
export const databaseCrowded = (): FhirError =>
  busy('All connections to the database are in use; nothing was done. Try again.');

/** The answer to a question got lost; asking again is safe. */
export const readLost = (): FhirError =>
  busy('The connection to the database broke before the answer came. Try again.');

/** Tells a client by machine that a write may or may not have been carried out: unlike other 503s, this one does not say that nothing was done. */
export const OUTCOME_UNKNOWN = { coding: [{ code: 'outcome-unknown' }] };

/** The connection broke between a write and its confirmation. */
export function outcomeUnknown(): FhirError {
  const diagnostics =
    'The connection to the database broke before it confirmed the write: the outcome is unknown. Read before you write again, or write conditionally.';
  const issue = { ...errorIssue('transient', diagnostics), details: OUTCOME_UNKNOWN };
  return new FhirError('busy', [issue], RETRY_AFTER_S);
}

/** The connection broke before a transaction was to be committed. */
export const transactionLost = (): FhirError =>
  busy(
    'The connection to the database broke in the middle of the transaction; nothing of it was stored. Try again.',
  );

/** Other writers came in the way every time. */
export const collided = (attempts: number): FhirError =>
  busy(`The write collided with others ${attempts} times and was not done. Try again.`);

const codeOf = (error: unknown): string => (error instanceof DatabaseError ? (error.code ?? '') : '');

/** PostgreSQL has no place for a further connection. */
export const isCrowded = (error: unknown): boolean => codeOf(error) === TOO_MANY_CONNECTIONS;

/** True for a message of the server with which it ends the connection. */
export const endsConnection = (error: unknown): boolean =>
  CONNECTION_ENDED.has(codeOf(error)) || codeOf(error).startsWith('08');

/** Thrown in a transaction when another writer has changed what it was based on: it runs again from its start. */
export class OvertakenError extends Error {
  constructor() {
    super('another writer came first');
    this.name = 'OvertakenError';
  }
}

/** True when the same transaction can succeed on another try. */
export const isCollision = (error: unknown): boolean =>
  error instanceof OvertakenError || [SERIALIZATION_FAILURE, DEADLOCK_DETECTED].includes(codeOf(error));

/**
 * True when a prepared statement cannot be used any more on its connection: its table has changed, or its preparation failed
 * while it was already asked for again. Both are found before anything is executed, so that trying again is safe for writes too.
 */
export function isStale(error: unknown): boolean {
  if (codeOf(error) === UNKNOWN_STATEMENT) return true;
  return codeOf(error) === FEATURE_NOT_SUPPORTED && (error as DatabaseError).routine === PLAN_CHECK;
}

/** True when a value, not the system, is at fault: SQLSTATE class 22 (data exception) or 54 (limit exceeded). */
export const isContentFault = (error: unknown): boolean => /^(?:22|54)/.test(codeOf(error));
