import { expect, test } from '@jest/globals';
import { Bots, type BotsParts } from '../../src/bots/bots.ts';
import type { PooledRun } from '../../src/bots/workers/pool.ts';

/** What was asked of the pool. */
const pooled: PooledRun[] = [];
const parts = {
  records: {
    read: () =>
      Promise.resolve({
        content: JSON.stringify({ resourceType: 'Bot', id: 'one', executableCode: { url: 'Binary/1' } }),
      }),
  },
  deployments: { code: () => Promise.resolve('export const handler = () => 1;') },
  tokens: { mint: () => ({ token: 'token', revoke: () => undefined }) },
  pool: {
    run: (run: PooledRun) => {
      pooled.push(run);
      return Promise.resolve('1');
    },
  },
  audit: { append: () => Promise.resolve() },
  ...{ root: 'https://maxray.test', localRoot: 'http://127.0.0.1:1', fhirPath: 'fhir/R4', destinations: {} },
  ...{ modules: new Map(), secrets: new Map() },
} as unknown as BotsParts;

const runWith = (contentType: string, text: string) =>
  new Bots(parts).run({
    ...{ bot: 'one', trigger: '$execute', headers: {}, contentType },
    input: { bytes: Buffer.from(text) },
  });

/** As the bot's process is told of it. */
const toldAtLast = () => JSON.parse(JSON.stringify(pooled.at(-1)!.frame().event)) as object;

test('a body that waits for a place is kept as it came: what its JSON means is for the process of the bot', async () => {
  const body = `[${'[],'.repeat(1_000)}[]]`;
  await runWith('application/json', body);
  expect(toldAtLast()).toMatchObject({ contentType: 'application/json', inputJson: body });
  expect(toldAtLast()).not.toHaveProperty('input');
});

test('what is no JSON is refused before it waits, and text is told as it stands', async () => {
  await expect(runWith('application/fhir+json', '{')).rejects.toMatchObject({ category: 'incorrect' });
  await runWith('text/plain', '{');
  expect(pooled).toHaveLength(2);
  expect(toldAtLast()).toMatchObject({ input: '{' });
});
