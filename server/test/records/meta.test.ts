import { expect, test } from '@jest/globals';
import { FhirError, fhirError } from '../../src/fhir/outcome.ts';
import { LOCAL_CALLER } from '../../src/records/caller.ts';
import { MetaRecords } from '../../src/records/meta.ts';
import type { Records } from '../../src/records/records.ts';
import { LABELS_MAX } from '../../src/store/labels/labelsInUse.ts';
import type { Store } from '../../src/store/store.ts';

const doorTo = (store: object, records: object = {}) =>
  new MetaRecords(store as unknown as Store, records as unknown as Records);
const labels = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ kind: 'tag', system: null, code: String(i), display: null }));

test('so many labels are told, one more is refused', async () => {
  const many = doorTo({ labelsInUse: () => Promise.resolve(labels(LABELS_MAX)) });
  expect(await many.inUse(LOCAL_CALLER, undefined)).toHaveLength(LABELS_MAX);
  const tooMany = doorTo({ labelsInUse: () => Promise.resolve(labels(LABELS_MAX + 1)) });
  await expect(tooMany.inUse(LOCAL_CALLER, 'Patient')).rejects.toThrow(
    'Resources of type Patient have more than 10000 different labels: ask for the $meta of one type or resource.',
  );
  await expect(tooMany.inUse(LOCAL_CALLER, undefined)).rejects.toThrow('The server has more than 10000');
});

test('a change that others always come before is given up', async () => {
  let tries = 0;
  const records = {
    read: () => Promise.resolve({ version: 1, content: '{"resourceType":"Basic","id":"x","meta":{}}' }),
    update: () => {
      tries++;
      return Promise.reject(fhirError('precondition-failed', 'conflict', 'moved on'));
    },
  };
  const failed = doorTo({}, records).change(LOCAL_CALLER, 'Basic', 'x', () => true);
  await expect(failed).rejects.toThrow('The resource is being written by others: try again.');
  expect(tries).toBe(5);
});

test('another failure is not tried again', async () => {
  let tries = 0;
  const fault = new FhirError('unprocessable', [{ severity: 'error', code: 'value', diagnostics: 'no' }]);
  const records = {
    read: () => Promise.resolve({ version: 1, content: '{"resourceType":"Basic","id":"x","meta":{}}' }),
    update: () => {
      tries++;
      return Promise.reject(fault);
    },
  };
  await expect(doorTo({}, records).change(LOCAL_CALLER, 'Basic', 'x', () => true)).rejects.toBe(fault);
  expect(tries).toBe(1);
});
