import type { Client } from 'pg';

const SAMPLE_INTERVAL_MS = 25;

/** What the other backends of this database are at just now; 'CPU' for one that runs and waits for nothing. */
const ACTIVE = `
  SELECT coalesce(wait_event_type || ':' || wait_event, 'CPU') AS wait, left(regexp_replace(query, '\\s+', ' ', 'g'), 60) AS query
  FROM pg_stat_activity
  WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()`;

export interface WaitCount {
  wait: string;
  query: string;
  samples: number;
}

/** Samples what PostgreSQL's backends wait for until stopped; the counts tell where they spend their time. */
export const sampleWaits = (client: Client): (() => Promise<WaitCount[]>) => {
  const counts = new Map<string, WaitCount>();
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      const { rows } = await client.query<{ wait: string; query: string }>(ACTIVE);
      for (const { wait, query } of rows) {
        const key = `${wait} ${query}`;
        const count = counts.get(key) ?? { wait, query, samples: 0 };
        count.samples += 1;
        counts.set(key, count);
      }
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_INTERVAL_MS));
    }
  };
  const running = loop();
  return async () => {
    stopped = true;
    await running;
    return [...counts.values()].sort((a, b) => b.samples - a.samples);
  };
};
