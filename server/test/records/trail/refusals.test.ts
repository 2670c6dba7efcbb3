import { afterEach, expect, test } from '@jest/globals';
import type { AuditRecord } from '../../../src/audit/record.ts';
import {
  ORIGINS_MAX,
  RECORDED_EACH_IN_ALL_MAX,
  RECORDED_EACH_MAX,
  Refusals,
} from '../../../src/records/trail/refusals.ts';

const open: Refusals[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

function refusals(append?: () => Promise<void>) {
  const records: AuditRecord[] = [];
  const lost: unknown[] = [];
  const made = new Refusals(
    { append: append ?? (async (record) => void records.push(record)) },
    (error) => void lost.push(error),
  );
  open.push(made);
  return { refusals: made, records, lost };
}

const at = (address: string) => ({ agent: {}, address });

test('the first of a flood are recorded each, the others together', async () => {
  const { refusals: own, records } = refusals();
  for (let i = 0; i < RECORDED_EACH_MAX; i++) expect(own.isRecorded(at('192.0.2.1'), '401')).toBe(true);
  for (let i = 0; i < 5000; i++) expect(own.isRecorded(at('192.0.2.1'), '401')).toBe(false);
  own.counted(at('192.0.2.1'), '429 (address)');
  expect(own.isRecorded(at('192.0.2.2'), '401')).toBe(true);
  await own.flush();
  expect(records).toMatchObject([
    {
      event: 'restricted-function',
      outcome: 8,
      address: '192.0.2.1',
      agent: {},
      resources: [],
      patients: [],
    },
  ]);
  expect(records[0]!.outcomeText).toMatch(
    /^refused since \d{4}-.*Z, without records of their own: 5000 times 401, 1 times 429 \(address\)$/,
  );
  await own.flush();
  expect(records).toHaveLength(1);
  expect(own.isRecorded(at('192.0.2.1'), '401')).toBe(true);
});

test('a flood from many addresses makes a bounded number of records', async () => {
  const { refusals: own, records } = refusals();
  let each = 0;
  for (let i = 0; i < 3 * ORIGINS_MAX; i++)
    for (let j = 0; j < 3; j++) if (own.isRecorded(at(`2001:db8::${i.toString(16)}`), '401')) each += 1;
  expect(each).toBe(RECORDED_EACH_IN_ALL_MAX);
  await own.flush();
  expect(records.length).toBeLessThanOrEqual(ORIGINS_MAX + 1);
  expect(records.filter(({ address }) => address === undefined)).toHaveLength(1);
  const counted = records.map(({ outcomeText }) => Number(/(\d+) times 401/.exec(outcomeText!)?.[1]));
  expect(each + counted.reduce((sum, one) => sum + one)).toBe(9 * ORIGINS_MAX);
});

test('who has signed in is named', async () => {
  const { refusals: own, records } = refusals();
  own.counted({ agent: { client: 'app', user: 'ann' }, address: '192.0.2.1' }, '429 (user)');
  await own.stop();
  expect(records).toMatchObject([{ agent: { client: 'app', user: 'ann' }, address: '192.0.2.1' }]);
});

test('what the log cannot take is told', async () => {
  const full = new Error('full');
  const { refusals: own, lost } = refusals(() => Promise.reject(full));
  own.counted(at('192.0.2.1'), '401');
  await own.flush();
  expect(lost).toEqual([full]);
});
