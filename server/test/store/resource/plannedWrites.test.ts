import { expect, test } from '@jest/globals';
import { NO_MAIN_QUANTITY } from '../../../src/store/index/mainQuantity.ts';
import type { IndexRows } from '../../../src/store/index/rows.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { contentParts } from '../../../src/store/resource/content.ts';
import { FIRST_PLAN, PlannedWrites, type KnownPlan } from '../../../src/store/resource/plannedWrites.ts';
import type { PutWrite } from '../../../src/store/resource/types.ts';

const rows = (patient: bigint | null): IndexRows => ({
  keys: new BigInt64Array(),
  patient,
  dateLoMs: null,
  dateHiMs: null,
  strings: [],
  ranges: [],
  ordered: new BigInt64Array(),
  quantity: NO_MAIN_QUANTITY,
});
const write = (planRevision?: number): PutWrite => ({
  method: 'U',
  type: 'Basic',
  id: 'b',
  content: contentParts({ resourceType: 'Basic', id: 'b', language: 'de' } as Resource, 'b'),
  index: rows(null),
  ...(planRevision !== undefined && { planRevision }),
});

class Plan implements KnownPlan {
  revision = 1;
  refreshed = 0;
  indexed: string[] = [];

  refresh(): Promise<void> {
    this.refreshed++;
    this.revision++;
    return Promise.resolve();
  }

  index(content: string): IndexRows {
    this.indexed.push(content);
    return rows(BigInt(this.revision));
  }
}

const stale = () => Object.assign(new Error('division by zero'), { code: '22012' });

test('a write that was prepared by the plan of now stays as it is', () => {
  const plan = new Plan();
  const one = write(1);
  expect(new PlannedWrites(plan).current(one)).toBe(one);
  expect(plan.indexed).toEqual([]);
});

test('a write of another plan is indexed anew, from its own text', () => {
  const plan = new Plan();
  const current = new PlannedWrites(plan).current(write(0));
  expect([current.planRevision, current.index.patient]).toEqual([1, 1n]);
  expect(JSON.parse(plan.indexed[0]!)).toMatchObject({ resourceType: 'Basic', id: 'b', language: 'de' });
});

test('deletions have no rows, so that any plan will do', () => {
  const gone = { method: 'D', type: 'Basic', id: 'b' } as const;
  const planned = new PlannedWrites(new Plan());
  expect(planned.current(gone)).toBe(gone);
  expect(planned.revisionOf([gone, write(0)])).toBe(0);
});

test('a batch is of the oldest plan in it', () => {
  const planned = new PlannedWrites(new Plan());
  expect(planned.revisionOf([write(1), write(1)])).toBe(1);
  expect(planned.revisionOf([write(1), write(0), write()])).toBe(0);
});

test('what PostgreSQL refuses for its old plan is done again by the new one', async () => {
  const plan = new Plan();
  const planned = new PlannedWrites(plan);
  const result = await planned.againWhenStale(() =>
    plan.revision < 3 ? Promise.reject(stale()) : Promise.resolve(plan.revision),
  );
  expect([result, plan.refreshed]).toEqual([3, 2]);
});

test('but not for ever, and nothing else is done again', async () => {
  const plan = new Plan();
  let tries = 0;
  const refused = new PlannedWrites(plan).againWhenStale(() => {
    tries++;
    return Promise.reject(stale());
  });
  await expect(refused).rejects.toMatchObject({
    category: 'busy',
    message: expect.stringContaining('try again'),
  });
  expect(tries).toBe(5);
  const other = new Error('other');
  await expect(new PlannedWrites(plan).againWhenStale(() => Promise.reject(other))).rejects.toBe(other);
  expect(plan.refreshed).toBe(4);
});

test('the plan of a store without added parameters indexes nothing anew', () => {
  expect(() => new PlannedWrites(FIRST_PLAN).current(write(7))).toThrow('one plan only');
});
