import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditRecord } from '../../src/audit/record.ts';
import { FILTERED_ROWS_MIN } from '../../src/store/audit/auditTable.ts';
import { readRecord } from './support.ts';
import { auditWorld, type AuditWorld } from './world.ts';

/** More than a record's resources that are in the index whatever it is moved with. */
const SHOWN = 20;

let world: AuditWorld;
let root: string;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'maxray-shown-'));
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(async () => {
  world = await auditWorld();
});
afterEach(() => world.close());

/** A page of a search: the n-th shows `o[n]-0`, `o[n]-1`, ... */
const page = (n: number, change: Partial<AuditRecord> = {}): AuditRecord =>
  readRecord({
    event: 'search-type',
    requestId: `page ${n}`,
    recordedMs: 1_767_225_600_000 + n,
    patients: ['p1'],
    resources: Array.from({ length: SHOWN }, (_, i) => `Observation/o${n}-${i}/_history/3`),
    ...change,
  });

/** What a process of its own appends and moves in one batch. */
async function moved(name: string, records: readonly AuditRecord[]): Promise<void> {
  const { journal, mover } = world.process(path.join(root, name));
  await Promise.all(records.map((record) => journal.append(record)));
  await journal.close();
  await mover.stop();
}

async function about(...references: string[]): Promise<string[]> {
  const conditions = [{ by: 'entity' as const, references }];
  const { records } = await world.search.find({ conditions, ascending: true, count: 100 });
  expect(await world.search.count(conditions)).toBe(records.length);
  return records.map(({ record }) => record.requestId!);
}

async function filters(): Promise<number> {
  const text = `SELECT count(*)::integer AS n FROM "${world.schema}".audit_shown`;
  const { rows } = await world.database.read({ name: '', text, values: [] });
  return (rows[0] as { n: number }).n;
}

const many = Array.from({ length: FILTERED_ROWS_MIN }, (_, n) => page(n));

test('what many pages show is found by the filter of their batch', async () => {
  await moved('many', many);
  expect(await filters()).toBe(1);
  expect(await about('Observation/o3-7')).toEqual(['page 3']);
  expect(await about('Observation/o3-7/_history/1')).toEqual(['page 3']);
  expect(await about('Observation/o3-7', 'Observation/o60-0', 'Condition/c')).toEqual(['page 3', 'page 60']);
  expect(await about('Observation/o3-')).toEqual([]);
  expect(await about('Observation/3-7')).toEqual([]);
  expect(await about('Patient/p1')).toHaveLength(many.length);
});

test('what few show is in the index, and both are found together', async () => {
  await moved('few', [page(5, { requestId: 'alone' })]);
  expect(await filters()).toBe(0);
  await moved('more', many);
  expect(await about('Observation/o5-1')).toEqual(['page 5', 'alone'].sort());
});

test('other conditions hold beside', async () => {
  await moved('beside', [...many, page(3, { requestId: 'of another', patients: ['p2'] })]);
  const conditions = [
    { by: 'entity' as const, references: ['Observation/o3-7'] },
    { by: 'patient' as const, ids: ['p2'] },
  ];
  const { records } = await world.search.find({ conditions, count: 10 });
  expect(records.map(({ record }) => record.requestId)).toEqual(['of another']);
});

test('a batch that shows little has no filter', async () => {
  await moved(
    'narrow',
    many.map((record, n) => ({ ...record, resources: [`Observation/o${n}`] })),
  );
  expect(await filters()).toBe(0);
  expect(await about('Observation/o9')).toEqual(['page 9']);
});
