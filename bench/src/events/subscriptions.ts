import type { BenchDatabase } from '../database/database.ts';
import { sendResource } from '../processes/sendResource.ts';
import type { Target } from '../processes/target.ts';
import { until } from '../processes/until.ts';

/** Subscriptions in one transaction. */
const TOGETHER = 500;

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
