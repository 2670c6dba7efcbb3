import { expect, test } from '@jest/globals';
import { Bots, type BotsParts } from '../../src/bots/bots.ts';
import { WAIT_MS_MAX, type PooledRun } from '../../src/bots/workers/pool.ts';
import { Destinations } from '../../src/outgoing/destinations.ts';

test('the token of a run lasts as long as the run, also where that has waited for its place', async () => {
  const lifetimes: number[] = [];
  const runs: PooledRun[] = [];
  let revoked = 0;
  const content = JSON.stringify({ resourceType: 'Bot', id: 'some', timeout: 2 });
  const bots = new Bots({
    records: { read: () => Promise.resolve({ content }) },
    tokens: {
      mint: (_bot: string, lifetimeMs: number) => {
        lifetimes.push(lifetimeMs);
        return { token: 'x', revoke: () => void (revoked += 1) };
      },
    },
    pool: {
      run: (run: PooledRun) => {
        runs.push(run);
        return Promise.resolve('1');
      },
    },
    audit: { append: () => Promise.resolve() },
    ...{ root: 'https://maxray.test', localRoot: 'http://127.0.0.1:1', fhirPath: 'fhir/R4' },
    destinations: new Destinations({ allow: [], loopback: false, ownPorts: () => [] }),
    modules: new Map([['some', '/some/bot.ts']]),
    secrets: new Map(),
  } as unknown as BotsParts);
  const run = { bot: 'some', trigger: 'test', contentType: 'text/plain', input: { value: 1 }, headers: {} };
  expect(await bots.run(run)).toBe('1');
  expect(lifetimes[0]).toBeGreaterThan(WAIT_MS_MAX + runs[0]!.timeoutMs);
  expect(revoked).toBe(1);
});
