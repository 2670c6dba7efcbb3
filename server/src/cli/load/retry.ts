import type { Answer, SendError } from './send.ts';
import type { Upload } from './upload.ts';

/**
 * What to do after an attempt:
 * - 429 and 503 say that the request was not carried out, so anything may be sent again, unless the server adds that
 *   it does not know (MaxRay does so when its database breaks in the middle of a commit);
 * - 409 says that others were writing the same: it was not carried out, and is tried a few times more;
 * - where no connection came about, nothing was sent, so anything may be sent again;
 * - where the connection broke after that, or a gateway answers 502 or 504, nobody knows whether it was carried out:
 *   only what is repeatable (see Upload) is sent again, the rest is reported as unknown;
 * - every other answer stands.
 */
export type Decision = 'stands' | 'again' | 'unknown';

/** How MaxRay marks an answer to a write that it may or may not have carried out. */
export const OUTCOME_UNKNOWN = 'outcome-unknown';
const REFUSED = [429, 503];
const GATEWAY_FAILED = [502, 504];
const CONFLICT = 409;
/** How often something is sent that meets others who write the same: a conflict that is none of the moment does not pass. */
export const CONFLICT_ATTEMPTS_MAX = 4;

/** Decides about an answer to the n-th attempt. */
export function judgeAnswer(answer: Answer, upload: Pick<Upload, 'repeatable'>, attempt: number): Decision {
  const unsure = GATEWAY_FAILED.includes(answer.status) || answer.body.includes(OUTCOME_UNKNOWN);
  if (unsure && answer.status >= 500) return upload.repeatable ? 'again' : 'unknown';
  if (answer.status === CONFLICT && attempt < CONFLICT_ATTEMPTS_MAX) return 'again';
  return REFUSED.includes(answer.status) ? 'again' : 'stands';
}

/** Decides when no answer came. */
export function judgeError(error: SendError, upload: Pick<Upload, 'repeatable'>): Decision {
  return !error.sent || upload.repeatable ? 'again' : 'unknown';
}

/** How long to go on trying. */
export interface Patience {
  /** Waiting in all, for one request. */
  totalMs: number;
  /** The first wait; each further one is twice as long. */
  firstMs: number;
  longestMs: number;
}

export const PATIENCE: Patience = { totalMs: 120_000, firstMs: 250, longestMs: 10_000 };

/**
 * The wait before the next attempt, undefined when patience is at its end. What the server asks for by Retry-After
 * is kept to; otherwise waits double, each drawn from the upper half of its span so that uploads do not come back
 * all at once.
 */
export function nextWaitMs(
  patience: Patience,
  attempt: number,
  waitedMs: number,
  retryAfterMs: number | undefined,
  chance: () => number = Math.random,
): number | undefined {
  const span = Math.min(patience.longestMs, patience.firstMs * 2 ** (attempt - 1));
  const waitMs = Math.round(retryAfterMs ?? span * (0.5 + chance() / 2));
  return waitedMs + waitMs > patience.totalMs ? undefined : waitMs;
}
