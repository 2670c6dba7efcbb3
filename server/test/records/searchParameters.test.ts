import { expect, test } from '@jest/globals';
import { LOCAL_CALLER } from '../../src/records/caller.ts';
import { IndexRecords } from '../../src/records/searchParameters.ts';
import type { ReindexStatus } from '../../src/store/reindex/reindexing.ts';
import type { Store } from '../../src/store/store.ts';

const STATUS: ReindexStatus = { walks: [], parameters: [], outdated: ['moved'] };

function door() {
  const requested: object[] = [];
  const reindexing = {
    request: (wanted: object) => Promise.resolve(void requested.push(wanted)),
    status: () => Promise.resolve(STATUS),
  };
  return { requested, records: new IndexRecords({ reindexing } as unknown as Store) };
}

test('an administrator has an index brought up to date, and sees how far it is', async () => {
  const { requested, records } = door();
  expect(await records.status(LOCAL_CALLER)).toBe(STATUS);
  expect(requested).toEqual([]);
  expect(await records.reindex(LOCAL_CALLER, { type: 'Patient' })).toBe(STATUS);
  expect(requested).toEqual([{ type: 'Patient' }]);
});

test('nobody else does either', async () => {
  const { requested, records } = door();
  const somebody = { ...LOCAL_CALLER, isAdministrator: false };
  await expect(records.status(somebody)).rejects.toMatchObject({ category: 'forbidden' });
  await expect(records.reindex(somebody, {})).rejects.toThrow('Only administrators may use $reindex.');
  expect(requested).toEqual([]);
});
