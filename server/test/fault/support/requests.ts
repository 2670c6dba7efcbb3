import type { Client, Sending, Answer } from '../../acceptance/support/client.ts';
import type { Ledger } from './ledger.ts';
import { ask, type Told } from './outcome.ts';

/** Sends a request and says what its sender may conclude. */
export async function tell(client: Client, ledger: Ledger, path: string, sending: Sending): Promise<Told> {
  const started = performance.now();
  const told = await ask(client, path, sending);
  ledger.longestRequestMs = Math.max(ledger.longestRequestMs, performance.now() - started);
  if (told.isAway) ledger.refused503 += 1;
  if (told.fault !== undefined) ledger.violations.push(told.fault);
  return told;
}

export const versionOf = (answer: Answer): number | undefined => {
  const found = /^W\/"(\d+)"$/.exec(answer.headers.etag ?? '');
  return found ? Number(found[1]) : undefined;
};
