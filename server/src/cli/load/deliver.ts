import type { Failure } from './failure.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { diagnosticsOf, entryResults } from './answers.ts';
import type { Patience } from './retry.ts';
import { judgeAnswer, judgeError, nextWaitMs, PATIENCE } from './retry.ts';
import type { Answer, Sender } from './send.ts';
import { SendError } from './send.ts';
import type { Upload } from './upload.ts';

export interface Delivered {
  /** Resources stored. */
  stored: number;
  failures: Failure[];
  /** True when the server could not be reached at all: the others need not try. */
  unreachable: boolean;
  /**
   * `answered`: for each resource; `refused`: nothing is stored; `unknown`: nobody knows; `stopped`: nothing is stored, and it
   * was not tried to the end.
   */
  end: 'answered' | 'refused' | 'unknown' | 'stopped';
}

/**
 * Sends an upload until an answer stands, patience ends, or sending again would not be safe.
 *
 * @param stop aborted when nothing more is to be sent
 */
export async function deliver(
  upload: Upload,
  sender: Sender,
  patience: Patience = PATIENCE,
  stop?: AbortSignal,
): Promise<Delivered> {
  let waitedMs = 0;
  for (let attempt = 1; ; attempt++) {
    const result = await trySend(upload, sender);
    const lost = result instanceof SendError;
    const decision = lost ? judgeError(result, upload) : judgeAnswer(result, upload, attempt);
    if (decision === 'unknown') return unknown(upload, result);
    if (!lost && decision === 'stands') return settle(upload, result, sender, patience, stop);
    const waitMs = nextWaitMs(patience, attempt, waitedMs, lost ? undefined : result.retryAfterMs);
    if (waitMs === undefined) return givenUp(upload, result, attempt);
    waitedMs += waitMs;
    await sleep(waitMs, undefined, { ...(stop && { signal: stop }) }).catch(() => undefined); // stopped
    if (stop?.aborted) return { stored: 0, failures: [], unreachable: false, end: 'stopped' };
  }
}

async function trySend(upload: Upload, sender: Sender): Promise<Answer | SendError> {
  try {
    return await sender.send(upload);
  } catch (error) {
    if (error instanceof SendError) return error;
    throw error;
  }
}

async function settle(
  upload: Upload,
  answer: Answer,
  sender: Sender,
  patience: Patience,
  stop: AbortSignal | undefined,
): Promise<Delivered> {
  const good = answer.status >= 200 && answer.status < 300;
  // 4xx: refused as a whole, nothing of it was stored.
  if (!good && answer.status < 500 && upload.instead)
    return deliver(upload.instead(), sender, patience, stop);
  if (!good) {
    const failure = { name: upload.name, status: answer.status, reason: diagnosticsOf(answer.body) };
    return failed(failure, { end: answer.status >= 500 && !upload.repeatable ? 'unknown' : 'refused' });
  }
  if (!upload.entryNames)
    return { stored: upload.resources, failures: [], unreachable: false, end: 'answered' };
  const { stored, failures } = entryResults(answer.body, upload.entryNames);
  return { stored, failures, unreachable: false, end: 'answered' };
}

const failed = (
  failure: Failure,
  { unreachable = false, end = 'refused' }: Partial<Pick<Delivered, 'unreachable' | 'end'>> = {},
): Delivered => ({ stored: 0, failures: [failure], unreachable, end });

/** What to do about a thing of which nobody knows whether it is stored. */
export const LOOK_FIRST =
  'Nobody knows whether it was stored, and it was not sent again, because that could store it twice: look before you load it again.';

function unknown(upload: Upload, result: Answer | SendError): Delivered {
  const { name } = upload;
  const failure =
    result instanceof SendError
      ? { name, reason: `The connection broke (${result.message}). ${LOOK_FIRST}` }
      : { name, status: result.status, reason: `${diagnosticsOf(result.body)} ${LOOK_FIRST}` };
  return failed(failure, { end: 'unknown' });
}

function givenUp(upload: Upload, result: Answer | SendError, attempts: number): Delivered {
  const tried = `Tried ${attempts} times.`;
  return result instanceof SendError
    ? failed({ name: upload.name, reason: `No answer (${result.message}). ${tried}` }, lostAs(result))
    : failed({ name: upload.name, status: result.status, reason: `${diagnosticsOf(result.body)} ${tried}` });
}

/** Where the request may have arrived, nobody knows what became of it. */
const lostAs = ({ sent }: SendError) => ({ unreachable: !sent, end: sent ? 'unknown' : 'refused' }) as const;
