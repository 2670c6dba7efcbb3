import type { Database } from '../postgres/database.ts';

/** How it stands with what is to be delivered, over all subscriptions. */
export interface DeliveryFigures {
  /** Events that wait to be delivered, and how long ago the oldest of them occurred; 0: none waits. */
  waiting: number;
  oldestWaitingMs: number;
  /** Events that were given up and wait for an administrator. */
  givenUp: number;
  /** Subscriptions of which the last attempt failed. */
  failing: number;
}

/** Counts over the tables of {@link DeliveryTable}. */
export async function deliveryFigures(database: Database, schema: string): Promise<DeliveryFigures> {
  const deliveries = `"${schema}".event_delivery`;
  const { rows } = await database.read({
    name: 'delivery-figures',
    text: `SELECT w.waiting, w."oldestWaitingMs",
        (SELECT count(*)::float8 FROM ${deliveries} WHERE state = 'X') AS "givenUp",
        (SELECT count(*)::float8 FROM "${schema}".event_subscription WHERE failures > 0) AS failing
      FROM (SELECT count(*)::float8 AS waiting,
          coalesce(extract(epoch FROM clock_timestamp() - min(occurred))::float8 * 1000, 0) AS "oldestWaitingMs"
        FROM ${deliveries} WHERE state = 'W') w`,
    values: [],
  });
  return rows[0] as unknown as DeliveryFigures;
}
