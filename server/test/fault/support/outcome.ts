import type { Answer, Client, Sending } from '../../acceptance/support/client.ts';

/** What a client knows about what it asked for; `refused`: nothing was written. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

export interface Told {
  outcome: Outcome;
  answer?: Answer;
  /** The answer was a 503. */
  isAway?: boolean;
  /** What is wrong with an answer that must not happen at all. */
  fault?: string;
}

/** Refusals that are in order: preconditions, deletions in between, and other writers in the way. */
const REFUSED = [404, 409, 410, 412];
/** Is never in order: what is asked for by criteria is there once at the most. */
const SEVERAL = 'multiple-matches';

/** Sends a request and says what its sender may conclude. */
export async function ask(client: Client, path: string, sending: Sending): Promise<Told> {
  try {
    return conclude(`${sending.method ?? 'GET'} ${path}`, await client.send(path, sending));
  } catch (error) {
    // Nobody listened: nothing was sent. Everything else can have happened after the write.
    return { outcome: (error as { code?: string }).code === 'ECONNREFUSED' ? 'refused' : 'unknown' };
  }
}

function conclude(what: string, answer: Answer): Told {
  const { status, headers, text } = answer;
  if (status < 300) return { outcome: 'acknowledged', answer };
  if (status !== 503) {
    const isInOrder = REFUSED.includes(status) && !text.includes(SEVERAL);
    return { outcome: 'refused', answer, ...(isInOrder ? {} : { fault: `${what}: ${status} ${text}` }) };
  }
  const { resourceType } = JSON.parse(text) as { resourceType: string };
  const saysWhen = resourceType === 'OperationOutcome' && Number(headers['retry-after']) > 0;
  return {
    outcome: text.includes('outcome-unknown') ? 'unknown' : 'refused',
    answer,
    isAway: true,
    ...(saysWhen ? {} : { fault: `${what}: a 503 that does not say when to try again: ${text}` }),
  };
}
