import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  appendFileSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Journal } from '../../../src/audit/journal/journal.ts';
import { adoptDead } from '../../../src/audit/journal/owner.ts';
import type { AuditRecord } from '../../../src/audit/record.ts';
import { JournalReader } from '../../../src/audit/journal/reader.ts';
import { segmentsIn } from '../../../src/audit/journal/segments.ts';
import { AuditRows } from '../../../src/store/audit/auditRows.ts';
import { folders, readRecord, until } from '../support.ts';
import { auditWorld, type AuditWorld } from '../world.ts';

const site = folders();
let world: AuditWorld;
beforeAll(async () => {
  world = await auditWorld();
});
afterAll(async () => {
  site.cleanUp();
  await world.close();
});

let root: string;
let count = 0;
beforeEach(() => {
  root = site.make();
  world.logged.length = 0;
});

const record = () => readRecord({ requestId: `r${(count += 1)}` });
const some = (n: number) => Array.from({ length: n }, record);
const ids = (records: readonly { requestId?: string }[]) => records.map(({ requestId }) => requestId);

/** Request ids that the log has of these records, in its order. */
async function moved(records: readonly { requestId?: string }[]): Promise<(string | undefined)[]> {
  const wanted = new Set(ids(records));
  return ids((await world.all()).map((one) => one.record)).filter((id) => wanted.has(id));
}

/** As if the process that has the journal had died. */
function orphan({ folder }: Journal): string {
  const dead = path.join(root, `${folder.id}.00000000.1-1`);
  renameSync(folder.path, dead);
  utimesSync(dead, new Date(0), new Date(0));
  return dead;
}

describe('a journal', () => {
  test('takes what is appended at the same time with one write, in its order', async () => {
    const { journal } = world.process(root);
    const records = some(100);
    const promises = new Set(records.map((one) => journal.append(one)));
    expect(promises.size).toBe(1);
    await Promise.all(promises);
    const batch = new JournalReader(journal.folder.path, 0, () => journal.current).next(1000)!;
    expect(batch).toMatchObject({ from: 0, to: 100, lost: 0, tornBytes: 0 });
    expect(batch.rows.map(({ payload }) => (JSON.parse(payload) as { i: string }).i)).toEqual(ids(records));
    await journal.close();
  });

  test('is moved into the log, and its files go', async () => {
    const { journal, mover } = world.process(root, { segmentBytesMax: 1_000 });
    mover.start();
    const records = some(50);
    for (const one of records) await journal.append(one);
    await until(async () => (await moved(records)).length === 50, 'all records are in the log');
    expect(await moved(records)).toEqual(ids(records));
    await until(() => segmentsIn(journal.folder.path).length === 1, 'segments that were moved are gone');
    await journal.close();
    await mover.stop();
    expect(readdirSync(root)).toEqual([]);
  });

  test('that is full refuses, and takes again when the log has taken', async () => {
    const space = { usedBytes: 0, maxBytes: 3_000 };
    const { journal, mover } = world.process(root, { space, segmentBytesMax: 500 });
    const taken: AuditRecord[] = [];
    const fill = async () => {
      for (;;) {
        const one = record();
        await journal.append(one);
        taken.push(one);
      }
    };
    await expect(fill()).rejects.toMatchObject({ category: 'busy', retryAfterS: 5 });
    expect(taken.length).toBeGreaterThan(3);
    mover.start();
    await until(() => space.usedBytes < 1_000, 'there is space again');
    await journal.append(record());
    await journal.close();
    await mover.stop();
    expect(await moved(taken)).toHaveLength(taken.length);
  });

  test('that cannot be written refuses, and goes on behind what was whole', async () => {
    const { journal, mover } = world.process(root, { segmentBytesMax: 1 });
    const first = record();
    await journal.append(first);
    const hidden = `${journal.folder.path}.away`;
    renameSync(journal.folder.path, hidden);
    await expect(journal.append(record())).rejects.toMatchObject({ category: 'busy' });
    renameSync(hidden, journal.folder.path);
    const second = record();
    await journal.append(second);
    await journal.close();
    await mover.stop();
    expect(await moved([first, second])).toEqual(ids([first, second]));
    expect(world.logged).toEqual([expect.stringMatching(/^error the audit journal cannot be written/)]);
  });

  test('of a process that another took for dead begins anew', async () => {
    const { journal, mover } = world.process(root);
    const [first, second] = [record(), record()];
    await journal.append(first);
    orphan(journal);
    journal.beat();
    await journal.append(second);
    mover.start();
    await until(async () => (await moved([first, second])).length === 2, 'both are in the log');
    await journal.close();
    await mover.stop();
  });
});

describe('the journal of a dead process', () => {
  test('is taken over, by one of many', async () => {
    const { journal } = world.process(root);
    const records = some(3);
    await Promise.all(records.map((one) => journal.append(one)));
    await journal.close();
    orphan(journal);
    expect([adoptDead(root), adoptDead(root)].map((adopted) => adopted.length)).toEqual([1, 0]);
  });

  test('is only taken when it has been silent, where its process cannot be seen', () => {
    const { journal } = world.process(root);
    const dead = orphan(journal);
    const now = new Date();
    utimesSync(dead, now, now);
    expect(adoptDead(root)).toEqual([]);
    expect(adoptDead(root, now.getTime() + 61_000)).toHaveLength(1);
  });

  test('of a living process is left alone', () => {
    world.process(root);
    expect(adoptDead(root, Date.now() + 10 ** 9)).toEqual([]);
  });

  test('is moved once, also where a part of it was before', async () => {
    const { journal } = world.process(root, { segmentBytesMax: 1_000 });
    const records = some(20);
    for (const one of records) await journal.append(one);
    await journal.close();
    const { rows } = new JournalReader(journal.folder.path, 0).next(7)!;
    const part = {
      journal: journal.folder.id,
      from: 0,
      to: 7,
      rows: AuditRows.of(rows.map((row) => ({ ...row, version: null, keys: [] }))),
    };
    await world.table.register(part.journal);
    expect([await world.table.move(part), await world.table.move(part)]).toEqual([true, false]);
    orphan(journal);
    const next = world.process(root);
    next.mover.start();
    await until(async () => (await moved(records)).length >= 20, 'the rest is moved');
    await next.journal.close();
    await next.mover.stop();
    expect(await moved(records)).toEqual(ids(records));
  });

  test('with a torn end is cut there, and that is told', async () => {
    const { journal } = world.process(root);
    const records = some(3);
    await Promise.all(records.map((one) => journal.append(one)));
    await journal.close();
    const file = segmentsIn(orphan(journal))[0]!.path;
    appendFileSync(file, readFileSync(file).subarray(0, 100));
    const next = world.process(root);
    next.mover.start();
    await until(async () => (await moved(records)).length === 3, 'the whole ones are moved');
    await next.journal.close();
    await next.mover.stop();
    expect(world.logged).toContainEqual(expect.stringMatching(/^warn audit journal \S+: cut 100 bytes/));
    expect(readdirSync(root)).toEqual([]);
  });

  test('with a damaged record loses that one only, says so in the log, and is kept', async () => {
    const { journal } = world.process(root);
    const records = some(3);
    await Promise.all(records.map((one) => journal.append(one)));
    await journal.close();
    const dead = orphan(journal);
    const file = segmentsIn(dead)[0]!.path;
    const bytes = readFileSync(file);
    bytes[Math.floor(statSync(file).size / 2)]! ^= 1;
    writeFileSync(file, bytes);
    const next = world.process(root);
    next.mover.start();
    const whole = [records[0]!, records[2]!];
    await until(async () => (await moved(whole)).length === 2, 'the others are moved');
    expect(await moved(records)).toEqual(ids(whole));
    await next.journal.close();
    await next.mover.stop();
    const told = (await world.all()).find(({ record: { event } }) => event === 'audit-stopped');
    expect(told?.record.outcomeText).toBe(
      `1 records of the audit journal ${journal.folder.id} could not be read`,
    );
    expect(readdirSync(root)).toEqual(['damaged']);
    expect(readdirSync(path.join(root, 'damaged'))).toEqual([journal.folder.id]);
  });
});
