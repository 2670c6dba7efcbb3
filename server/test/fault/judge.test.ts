import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { clientOf, type Client } from '../acceptance/support/client.ts';
import { randomOf } from '../acceptance/support/mutations/random.ts';
import { testConnection } from '../support/postgres.ts';
import { startTestServer, urlOf } from '../support/server.ts';
import { judge } from './support/judge.ts';
import { Ledger, type Attempt } from './support/ledger.ts';
import { personContent, personIn, resourceText } from './support/texts.ts';
import { write } from './support/writer.ts';
import { writerState } from './support/writerState.ts';

const SEED = 1;
const WRITERS = 8;
const WRITES = 600;

let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;
const written = new Ledger();
beforeAll(async () => {
  const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
  server = await startTestServer({ databaseUrl: urlOf(await testConnection()), databaseSchema });
  client = clientOf(server.url, WRITERS);
  const isOver = () => written.acknowledged >= WRITES;
  await Promise.all(
    Array.from({ length: WRITERS }, (_, i) =>
      write(writerState(`w${i}`, client, written, randomOf(SEED, i)), isOver),
    ),
  );
});
afterAll(async () => {
  client.close();
  await server.stop();
});

/** What the writers were told, to be altered by a test. */
let ledger: Ledger;
beforeEach(() => {
  ledger = new Ledger();
  ledger.attempts.push(...written.attempts.map((attempt) => ({ ...attempt })));
  ledger.given.push(...written.given.map((given) => ({ ...given })));
});
const faults = async () => (await judge(client, ledger)).faults;
const find = (holds: (attempt: Attempt) => boolean): Attempt => {
  const found = ledger.attempts.find((attempt) => attempt.version !== undefined && holds(attempt));
  if (found === undefined) throw new Error('there is no such write');
  return found;
};
const drop = (attempt: Attempt) => ledger.attempts.splice(ledger.attempts.indexOf(attempt), 1);

test('what the writers were told is true', async () => {
  expect([...written.violations, ...(await faults())]).toEqual([]);
});

describe('the judge sees', () => {
  test.each([
    ['a put', 'put'],
    ['a patch', 'patch'],
    ['a deletion', 'delete'],
  ])('%s that nobody asked for', async (_what, kind) => {
    const attempt = find((one) => one.kind === kind);
    drop(attempt);
    expect((await faults()).join('\n')).toMatch(
      kind === 'delete' ? /was deleted 1 times without/ : /is no whole write of unknown outcome/,
    );
  });

  test('a write that is there although it was refused', async () => {
    find((one) => one.kind === 'put').outcome = 'refused';
    expect((await faults()).join('\n')).toContain('is no whole write of unknown outcome');
  });

  test('a write that is lost', async () => {
    const attempt = find((one) => one.kind === 'put');
    ledger.add({ ...attempt, mark: 'mark-0-', version: 999_999 });
    expect((await faults()).join('\n')).toContain('was acknowledged and is lost');
  });

  test('a write that was altered, and a resource that was not as it was given', async () => {
    find((one) => one.kind === 'put').text = 'altered';
    ledger.given[0]!.text = 'altered';
    expect((await faults()).join('\n')).toMatch(/was acknowledged as altered and is[^]*was given as altered/);
  });

  test('a write of unknown outcome that has become something else', async () => {
    const attempt = find((one) => one.kind === 'patch');
    attempt.outcome = 'unknown';
    expect(await faults()).toEqual([]);
    attempt.kind = 'put';
    attempt.rest = '"identifier":[]';
    expect((await faults()).join('\n')).toContain('is no whole write of unknown outcome');
  });

  test('a transaction that is there in part', async () => {
    const { group } = find((one) => one.group !== undefined && one.kind !== 'delete' && !one.unlessThere);
    const entries = ledger.attempts.filter((one) => one.group === group);
    for (const entry of entries) entry.outcome = 'unknown';
    expect(await faults()).toEqual([]);
    ledger.add({ ...entries[0]!, key: undefined, mark: 'mark-0-' });
    expect((await faults()).join('\n')).toMatch(/of transaction \d+ only \d+ of \d+ entries are there/);
  });

  test('a precondition that was passed over', async () => {
    find((one) => (one.expected ?? 0) > 0).expected! += 1;
    expect((await faults()).join('\n')).toContain('overtook If-Match');
  });

  test('a person who was made twice', async () => {
    const person = personIn(ledger.given[0]!.text)!;
    const rest = personContent(person, 'mark-0-');
    const body = resourceText('Patient', undefined, rest);
    const { text } = await client.send('Patient', { method: 'POST', body });
    const key = `Patient/${(JSON.parse(text) as { id: string }).id}`;
    const twin = { key, type: 'Patient', kind: 'put', mark: 'mark-0-', rest, version: 1, text } as const;
    ledger.add({ ...twin, outcome: 'acknowledged' });
    expect(await faults()).toEqual([expect.stringMatching(`^${person} is .*${key}`)]);
  });
});
