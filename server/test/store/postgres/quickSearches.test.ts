import { expect, test } from '@jest/globals';
import type { Statement } from '../../../src/store/postgres/client.ts';
import type { ClientPool } from '../../../src/store/postgres/clientPool.ts';
import type { Pipeline } from '../../../src/store/postgres/pipeline.ts';
import { QuickSearches } from '../../../src/store/postgres/quickSearches.ts';

const MINUTE_MS = 60_000;

/** Quick connections that cannot run what is called `slow`, and a log of where statements were sent. */
function searchesOf({ ready = true } = {}) {
  const sent: string[] = [];
  const canceled = Object.assign(new Error('canceling statement due to statement timeout'), {
    code: '57014',
  });
  const quick = {
    ready,
    inFlight: 0,
    run: async ({ name, text }: Statement) => {
      sent.push(`quick ${name}`);
      if (text === 'slow') throw canceled;
      if (text === 'wrong') throw new Error('syntax error');
      return { rows: [name] };
    },
  };
  const patient = {
    read: async ({ name }: Statement) => {
      sent.push(`patient ${name}`);
      return { rows: [name] };
    },
  };
  const clock = { nowMs: 0 };
  const searches = new QuickSearches(
    [quick as unknown as Pipeline],
    patient as unknown as ClientPool,
    () => clock.nowMs,
  );
  const read = async (name: string, text: string) =>
    (await searches.read({ name, text, values: [] })).rows[0] as unknown;
  return { sent, clock, read };
}

test('what is quick stays on the quick connections', async () => {
  const { sent, read } = searchesOf();
  expect(await read('a', 'quick')).toBe('a');
  expect(sent).toEqual(['quick a']);
});

test('what was not quick runs on a connection of its own, for a while at once', async () => {
  const { sent, clock, read } = searchesOf();
  expect(await read('a', 'slow')).toBe('a');
  expect(await read('a', 'slow')).toBe('a');
  expect(await read('b', 'quick')).toBe('b');
  clock.nowMs = MINUTE_MS;
  await read('a', 'slow');
  expect(sent).toEqual(['quick a', 'patient a', 'patient a', 'quick b', 'quick a', 'patient a']);
});

test('statements without a name are not remembered', async () => {
  const { sent, read } = searchesOf();
  await read('', 'slow');
  await read('', 'quick');
  expect(sent).toEqual(['quick ', 'patient ', 'quick ']);
});

test('other errors are the answer', async () => {
  const { sent, read } = searchesOf();
  await expect(read('a', 'wrong')).rejects.toThrow('syntax error');
  expect(sent).toEqual(['quick a']);
});

test('without a quick connection, there are the others', async () => {
  const { sent, read } = searchesOf({ ready: false });
  expect(await read('a', 'quick')).toBe('a');
  expect(sent).toEqual(['patient a']);
});
