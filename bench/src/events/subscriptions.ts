import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchDatabase } from '../database/database.ts';
import { sendResource } from '../processes/sendResource.ts';
import type { Target } from '../processes/target.ts';

/** Subscriptions in one transaction. */
const TOGETHER = 500;
const POLL_MS = 50;
const READY_TIMEOUT_MS = 300_000;

const subscription = (criteria: string, endpoint: string): object => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'benchmark',
  criteria,
  channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json' },
});

/** Stores Subscriptions, each with criteria of its own, and waits until all are active. */
export const subscribe = async (
  { client }: BenchDatabase,
  server: Target,
  endpoint: string,
  criteria: readonly string[],
): Promise<void> => {
  for (let from = 0; from < criteria.length; from += TOGETHER) {
    const entry = criteria.slice(from, from + TOGETHER).map((one) => ({
      resource: subscription(one, endpoint),
      request: { method: 'POST', url: 'Subscription' },
    }));
    await sendResource(server, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  }
  await until(async () => {
    const { rows } = await client.query<{ waiting: string }>(
      `SELECT count(*) AS waiting FROM maxray.subscription WHERE method <> 'D' AND content::json ->> 'status' <> 'active'`,
    );
    return rows[0]?.waiting === '0';
  }, 'the Subscriptions are active');
};

/** Asks until it is so. @param what for the error when it takes too long */
export const until = async (isSo: () => Promise<boolean>, what: string): Promise<void> => {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`it took too long until ${what}`);
    await sleep(POLL_MS);
  }
};
