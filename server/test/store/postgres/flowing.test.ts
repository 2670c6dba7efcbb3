import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseAway } from '../../../src/store/postgres/failures.ts';
import { flowingFirst, Pipeline } from '../../../src/store/postgres/pipeline.ts';
import { testConnection } from '../../support/postgres.ts';

let pipelines: Pipeline[];

beforeEach(async () => {
  const connection = await testConnection();
  const config = typeof connection === 'string' ? { connectionString: connection } : connection;
  pipelines = Array.from(
    { length: 2 },
    () =>
      new Pipeline({
        config,
        session: { applicationName: 'maxray-read', statementTimeoutMs: 10_000, plans: 'fixed-search' },
        lostAnswer: databaseAway,
        gathers: true,
        onAway: () => undefined,
        onBack: () => undefined,
      }),
  );
  await Promise.all(pipelines.map((one) => one.connect()));
});

afterEach(() => Promise.all(pipelines.map((one) => one.close())));

const chosen = (): number => pipelines.indexOf(flowingFirst(pipelines));
const run = (text: string) => flowingFirst(pipelines).run({ name: '', text, values: [] });

test('quick statements gather on the first connection, as many as may wait there', async () => {
  const places: number[] = [];
  const answers = Array.from({ length: 18 }, () => {
    places.push(chosen());
    return run('SELECT 1');
  });
  expect(places).toEqual([...Array<number>(16).fill(0), 1, 1]);
  await Promise.all(answers);
  expect(chosen()).toBe(0);
});

test('none waits for a slow one', async () => {
  const slow = run('SELECT pg_sleep(0.5)');
  await sleep(20);
  expect(chosen()).toBe(1);
  await slow;
  expect(chosen()).toBe(0);
});
