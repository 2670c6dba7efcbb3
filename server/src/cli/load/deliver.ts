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
}

/** Sends an upload until an answer stands, patience ends, or sending again would not be safe. */
export async function deliver(
  upload: Upload,
  sender: Sender,
  patience: Patience = PATIENCE,
): Promise<Delivered> {
  let waitedMs = 0;
  for (let attempt = 1; ; attempt++) {
    const result = await trySend(upload, sender);
    const lost = result instanceof SendError;
    const decision = lost ? judgeError(result, upload) : judgeAnswer(result, upload);
    if (decision === 'unknown') return unknown(upload, result);
    if (!lost && decision === 'stands') return settle(upload, result, sender, patience);
    const waitMs = nextWaitMs(patience, attempt, waitedMs, lost ? undefined : result.retryAfterMs);
    if (waitMs === undefined) return givenUp(upload, result, attempt);
    waitedMs += waitMs;
    await sleep(waitMs);
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
): Promise<Delivered> {
  const good = answer.status >= 200 && answer.status < 300;
  // 4xx: refused as a whole, nothing of it was stored.
  if (!good && answer.status < 500 && upload.instead) return deliver(upload.instead(), sender, patience);
  if (!good) return failed({ name: upload.name, status: answer.status, reason: diagnosticsOf(answer.body) });
  if (!upload.entryNames) return { stored: upload.resources, failures: [], unreachable: false };
  const { stored, failures } = entryResults(answer.body, upload.entryNames);
  return { stored, failures, unreachable: false };
}

const failed = (failure: Failure, unreachable = false): Delivered => ({
  stored: 0,
  failures: [failure],
  unreachable,
});

function unknown(upload: Upload, result: Answer | SendError): Delivered {
  const advice =
    'Nobody knows whether it was stored, and it was not sent again, because that could store it twice: look before you load it again.';
  return result instanceof SendError
    ? failed({ name: upload.name, reason: `The connection broke (${result.message}). ${advice}` })
    : failed({ name: upload.name, status: result.status, reason: `${diagnosticsOf(result.body)} ${advice}` });
}

function givenUp(upload: Upload, result: Answer | SendError, attempts: number): Delivered {
  const tried = `Tried ${attempts} times.`;
  return result instanceof SendError
    ? failed({ name: upload.name, reason: `No answer (${result.message}). ${tried}` }, !result.sent)
    : failed({ name: upload.name, status: result.status, reason: `${diagnosticsOf(result.body)} ${tried}` });
}
