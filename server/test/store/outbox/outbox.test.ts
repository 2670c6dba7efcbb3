import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Hit, Position } from '../../../src/store/outbox/change.ts';
import { Outbox } from '../../../src/store/outbox/outbox.ts';
import type { RelayTurn } from '../../../src/store/outbox/relayTable.ts';
import { PAGE_BYTES_MAX } from '../../../src/store/pageBytes.ts';
import { contentParts } from '../../../src/store/resource/content.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../../support/postgres.ts';

const LEASE_MS = 60_000;
const START: Position = { xid: '0', seq: '0' };
let world: TestDatabase;
let store: Store;
let outbox: Outbox;
beforeAll(async () => {
  world = await testDatabase();
  const definitions = await r4Definitions();
  store = openStore(world.database, world.schema, definitions, new Uint8Array(16), 'http://test/fhir/R4');
});
afterAll(() => world.close());
beforeEach(async () => {
  await sql('DELETE FROM $schema.event_subscription');
  await sql(`UPDATE $schema.event_relay SET held_until = '-infinity'`);
  outbox = new Outbox(world.database, world.schema);
});

const sql = async (text: string, values: unknown[] = []) =>
  (
    await world.database.write({
      name: '',
      text: text.replaceAll('$schema', `"${world.schema}"`),
      values,
    })
  ).rows;

const write = (type: string, id: string, note: string) =>
  store.writer.write({
    method: 'U',
    type,
    id,
    content: contentParts({ resourceType: type, id, note }, id),
    index: store.indexer.index({ resourceType: type, id } as { resourceType: string }),
  });
const remove = (type: string, id: string) => store.writer.write({ method: 'D', type, id });
const page = (after: Position, types: string[], previousOf: string[] = [], limit = 100) =>
  outbox.changes.page({ after, types, previousOf, limit });
/** Others on this PostgreSQL may hold the horizon for a moment. */
const horizonReached = async (after: Position, rows: number) => {
  while ((await page(after, ['Patient', 'Basic'])).changes.length < rows);
};
/** Where the walk stands once it has met the latest change of `id`, which others may delay. */
const positionBehind = async (id: string) => {
  for (let [after, isMet] = [START, false]; ;) {
    const { changes, last } = await page(after, ['Patient']);
    isMet ||= changes.some((change) => change.id === id);
    if (isMet && changes.length === 0) return after;
    after = last ?? after;
  }
};
const noteOf = (content: string | null | undefined) =>
  content ? (JSON.parse(content) as { note: string }).note : content;

describe('the changes', () => {
  test('are met in their order, with their versions and those before, once', async () => {
    const last = START;
    await write('Patient', 'order', 'one');
    await write('Patient', 'order', 'two');
    await remove('Patient', 'order');
    await write('Basic', 'order', 'other');
    await horizonReached(last, 4);
    const { changes, last: end, isFull } = await page(last, ['Patient'], ['Patient']);
    expect(
      changes.map(({ id, version, method, content, previous }) => [
        id,
        version,
        method,
        noteOf(content),
        noteOf(previous),
      ]),
    ).toEqual([
      ['order', 1, 'U', 'one', null],
      ['order', 2, 'U', 'two', 'one'],
      ['order', 3, 'D', null, 'two'],
    ]);
    expect(isFull).toBe(false);
    expect(await page(end!, ['Patient', 'Basic'])).toEqual({ changes: [], isFull: false });
    const first = await page(last, ['Basic'], [], 3);
    expect([first.changes, first.isFull]).toEqual([[], true]);
    expect((await page(first.last!, ['Basic'])).changes).toMatchObject([{ type: 'Basic', id: 'order' }]);
  });

  test('have their contents however long they are, and those before', async () => {
    const notes = ['short', 'x'.repeat(PAGE_BYTES_MAX / 100), 'short again'];
    for (const note of notes) await write('Patient', 'long', note);
    const read = async (previousOf: string[], limit: number) =>
      (await page(START, ['Patient'], previousOf, limit)).changes
        .filter(({ id }) => id === 'long')
        .map(({ content, previous }) => [noteOf(content), noteOf(previous)]);
    while ((await read([], 1_000)).length < notes.length); // as horizonReached, but of these alone
    expect(await read([], 1_000)).toEqual(notes.map((note) => [note, undefined]));
    expect(await read(['Patient'], 1_000)).toEqual(notes.map((note, i) => [note, notes[i - 1] ?? null]));
    expect(await read(['Patient'], 50)).toEqual(await read(['Patient'], 1_000));
  });

  test('come in the order of numbers, not of texts', async () => {
    await sql(`INSERT INTO $schema.changes (xid, last_updated, type, rid, version, method)
      SELECT xid::text::xid8, now(), 'Basic', 0, 1, 'U' FROM unnest('{100,9,10}'::integer[]) AS xid`);
    const found: string[] = [];
    for (let after: Position = { xid: '8', seq: '0' }; found.length < 3;) {
      const { last } = await page(after, [], [], 1);
      found.push(last!.xid);
      after = last!;
    }
    expect(found).toEqual(['9', '10', '100']);
    await sql('DELETE FROM $schema.changes WHERE rid = 0');
  });

  test('are withheld while an earlier transaction may still write, and none is missed', async () => {
    await write('Patient', 'slow', 'before');
    let last = await positionBehind('slow');
    const seen: string[] = [];
    await world.database.transaction(async (tx) => {
      await tx.query({ name: '', text: 'SELECT pg_current_xact_id()', values: [] });
      await write('Patient', 'fast', 'fast');
      const during = await page(last, ['Patient']);
      seen.push(...during.changes.map(({ id }) => id));
      last = during.last ?? last;
      await store.writer.writeAll(
        [
          {
            method: 'U',
            type: 'Patient',
            id: 'slow',
            content: contentParts({ resourceType: 'Patient', id: 'slow', note: 'slow' }, 'slow'),
            index: store.indexer.index({ resourceType: 'Patient' }),
          },
        ],
        (statement) => tx.query(statement),
      );
    });
    expect(seen).toEqual([]);
    await horizonReached(last, 2);
    seen.push(...(await page(last, ['Patient'])).changes.map(({ id }) => id));
    expect(seen).toEqual(['slow', 'fast']);
  });
});

const hit = (subscription: string, id: string): Hit => ({
  subscription,
  change: { type: 'Patient', id, version: 1, method: 'U', lastUpdated: new Date('2026-01-01T00:00:00Z') },
});
const meet = (...ids: string[]) => ids.map((id) => ({ id, version: 1, isDue: false }));
const at = (seq: number): Position => ({ xid: '9', seq: String(seq) });
const advance = (turn: RelayTurn, seq: number, hits: Hit[], met = meet(), gone: string[] = []) =>
  outbox.relay.advance(turn, { to: at(seq), hits, met, gone }, LEASE_MS);
const listed = async (subscription: string) =>
  (await outbox.deliveries.deliveries(subscription, { limit: 100 })).map(({ number, id, state }) => [
    number,
    id,
    state,
  ]);

describe('the relay', () => {
  test('is one at a time, and whoever had the turn before can write nothing', async () => {
    const first = (await outbox.relay.claim(LEASE_MS))!;
    expect(await outbox.relay.claim(LEASE_MS)).toBeUndefined();
    expect(await advance(first, 1, [], meet('s'))).toBe(true);
    await sql(`UPDATE $schema.event_relay SET held_until = '-infinity'`);
    const second = (await outbox.relay.claim(LEASE_MS))!;
    expect(second.position).toEqual(at(1));
    expect(await advance(first, 2, [hit('s', 'late')])).toBe(false);
    expect(await outbox.relay.keep(first, LEASE_MS)).toBe(false);
    await outbox.relay.release(first);
    expect(await outbox.relay.claim(LEASE_MS)).toBeUndefined();
    expect(await listed('s')).toEqual([]);
    await outbox.relay.release(second);
    expect((await outbox.relay.claim(LEASE_MS))!.position).toEqual(at(1));
  });

  test('goes on in another cluster, where what was restored has numbers of transactions to come', async () => {
    await write('Patient', 'here', 'one');
    await sql(`INSERT INTO $schema.changes (xid, last_updated, type, rid, version, method)
      SELECT ('9000000000000000' || n)::xid8, now(), 'Basic', 0, n, 'U' FROM generate_series(1, 4) AS n`);
    await sql(`UPDATE $schema.event_relay SET xid = '90000000000000002', seq = 9223372036854775807`);
    const turn = (await outbox.relay.claim(LEASE_MS))!;
    expect(turn.isForeign).toBe(true);
    const position = await outbox.relay.adopt(turn);
    const { last } = await page(position, [], [], 2);
    expect(last!.xid).toBe('1');
    const rows = await sql(
      'SELECT xid::text AS at, version FROM $schema.changes WHERE rid = 0 ORDER BY version',
    );
    expect(rows.map(({ at: xid, version }) => [xid, version])).toEqual([
      ['0', 1],
      ['0', 2],
      ['1', 3],
      ['1', 4],
    ]);
    await outbox.relay.release(turn);
    expect((await outbox.relay.claim(LEASE_MS))!.isForeign).toBeUndefined();
    await sql('DELETE FROM $schema.changes WHERE rid = 0');
  });

  test('numbers the events of each subscription without gaps, and forgets what is deleted', async () => {
    const turn = (await outbox.relay.claim(LEASE_MS))!;
    await advance(turn, 1, [], meet('a', 'b'));
    await advance(turn, 2, [hit('a', 'p1'), hit('b', 'p1'), hit('a', 'p2'), hit('unknown', 'p2')]);
    await advance(turn, 3, [hit('b', 'p3'), hit('a', 'p3')]);
    expect(await listed('a')).toEqual([
      [1, 'p1', 'W'],
      [2, 'p2', 'W'],
      [3, 'p3', 'W'],
    ]);
    expect(await listed('b')).toEqual([
      [1, 'p1', 'W'],
      [2, 'p3', 'W'],
    ]);
    expect(await outbox.deliveries.lastEvents(['a', 'b', 'c'])).toEqual(
      new Map([
        ['a', 3],
        ['b', 2],
      ]),
    );
    await advance(turn, 4, [], meet(), ['a']);
    expect(await listed('a')).toEqual([]);
    expect(await outbox.relay.subscriptions()).toEqual([{ id: 'b', version: 1 }]);
  });
});

describe('deliveries', () => {
  const claim = () => outbox.deliveries.claim('s', LEASE_MS);

  beforeEach(async () => {
    const turn = (await outbox.relay.claim(LEASE_MS))!;
    await advance(turn, 1, [], meet('s'));
    await advance(turn, 2, [hit('s', 'p1'), hit('s', 'p2')]);
  });

  test('are in the hands of one at a time, in order, until they are done', async () => {
    const { deliveries } = outbox;
    expect(await deliveries.due(10)).toMatchObject([{ key: 's' }]);
    const due = await claim();
    expect(due).toMatchObject({ id: 's', failures: 0, lastEvent: 2 });
    expect(await deliveries.due(10)).toEqual([]);
    expect(await claim()).toBeUndefined();
    expect(await deliveries.attempted(due!, { numbers: [1], state: 'D', leaseMs: 0 })).toBe(true);
    expect((await deliveries.waiting('s', 10)).map(({ number }) => number)).toEqual([2]);
    const taken = await claim();
    expect(await deliveries.attempted(due!, { numbers: [2], state: 'D', leaseMs: 0 })).toBe(false);
    expect((await deliveries.waiting('s', 10)).map(({ number }) => number)).toEqual([2]);
    expect(await deliveries.attempted(taken!, { numbers: [2], state: 'D', leaseMs: LEASE_MS })).toBe(true);
    expect(await deliveries.release(taken!, 'when woken')).toBe(false);
    expect(await claim()).toBeUndefined();
    expect(await deliveries.due(10)).toEqual([]);
  });

  test('rest after a failure, whatever comes, and what comes while they are worked on is not forgotten', async () => {
    const { deliveries, relay } = outbox;
    const due = await claim();
    const failure = { numbers: [1], state: 'W' as const, fault: 'status 500', leaseMs: LEASE_MS };
    expect(await deliveries.attempted(due!, failure)).toBe(true);
    await deliveries.release(due!, { inMs: LEASE_MS, rest: true });
    await sql(`UPDATE $schema.event_relay SET held_until = '-infinity'`);
    const turn = (await relay.claim(LEASE_MS))!;
    await advance(turn, 3, [hit('s', 'p3')]);
    expect(await claim()).toBeUndefined();
    await deliveries.wake('s');
    const again = await claim();
    expect(again).toMatchObject({ failures: 1 });
    expect(await deliveries.waiting('s', 1)).toMatchObject([{ number: 1, attempts: 1, fault: 'status 500' }]);
    await advance(turn, 4, [hit('s', 'p4')]);
    expect(await deliveries.release(again!, 'when woken')).toBe(true);
    expect(await claim()).toBeDefined();
  });

  test('that were given up are listed, tried again with their numbers, or dropped', async () => {
    const { deliveries } = outbox;
    const due = await claim();
    await deliveries.attempted(due!, { numbers: [1, 2], state: 'X', fault: 'status 410', leaseMs: LEASE_MS });
    await deliveries.release(due!, 'when woken');
    expect((await deliveries.dead(undefined, 10)).map(({ number }) => number)).toEqual([1, 2]);
    expect((await deliveries.dead({ subscription: 's', number: 1 }, 10)).map(({ number }) => number)).toEqual(
      [2],
    );
    expect(await deliveries.replay('s', 1)).toBe(1);
    expect(await claim()).toBeDefined();
    expect(await deliveries.discard('s', undefined)).toBe(1);
    expect(await listed('s')).toEqual([[1, 'p1', 'W']]);
  });

  test('are counted: those that wait, since when, those that were given up, and whose last attempt failed', async () => {
    const { deliveries } = outbox;
    await sql(`UPDATE $schema.event_delivery SET occurred = now() - interval '1 minute' WHERE number = 2`);
    const waiting = await deliveries.figures();
    expect(waiting).toMatchObject({ waiting: 2, givenUp: 0, failing: 0 });
    expect(waiting.oldestWaitingMs).toBeGreaterThanOrEqual(60_000);
    const due = await claim();
    await deliveries.attempted(due!, { numbers: [1], state: 'X', fault: 'status 410', leaseMs: LEASE_MS });
    const failure = { numbers: [2], state: 'W' as const, fault: 'status 500', leaseMs: LEASE_MS };
    await deliveries.attempted(due!, failure);
    expect(await deliveries.figures()).toMatchObject({ waiting: 1, givenUp: 1, failing: 1 });
    await sql('DELETE FROM $schema.event_subscription');
    expect(await deliveries.figures()).toEqual({ waiting: 0, oldestWaitingMs: 0, givenUp: 0, failing: 0 });
  });

  test('are removed when they are old', async () => {
    const { deliveries } = outbox;
    expect(await deliveries.sweep(1000 * 365 * 24 * 3_600_000, 10)).toBe(0);
    expect(await deliveries.sweep(0, 1)).toBe(1);
    expect(await deliveries.sweep(0, 10)).toBe(1);
    expect(await deliveries.lastEvents(['s'])).toEqual(new Map([['s', 2]]));
  });
});
