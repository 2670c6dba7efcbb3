import { expect, test } from '@jest/globals';
import { LOCAL_CALLER } from '../../src/records/caller.ts';
import { Cursors } from '../../src/records/cursors.ts';
import { EverythingRecords } from '../../src/records/everything.ts';
import type { Records } from '../../src/records/records.ts';
import type { Store } from '../../src/store/store.ts';

const PATIENTS = 30;

/** Groups of one patient each, of whom none has anything to tell but the last. */
function world() {
  const read: string[] = [];
  const everything = {
    settledUntil: () => Promise.resolve(new Date(0)),
    patients: ({ from, to }: { from: string; to?: string }) => {
      const rid = Number(to ?? Number(from) + 1);
      const bounds = { from, to: String(rid) };
      return Promise.resolve({ ids: [`p${rid}`], bounds, hasMore: rid < PATIENTS });
    },
    page: ({ owners }: { owners: { ids: string[] } }) => {
      read.push(...owners.ids);
      const matches = owners.ids[0] === `p${PATIENTS}` ? [{ type: 'Patient', id: owners.ids[0] }] : [];
      return Promise.resolve({ matches, referenced: [], truncated: false });
    },
  };
  const store = { everything } as unknown as Store;
  const cursors = new Cursors(new Uint8Array(32));
  const records = {
    visible: (_caller: unknown, found: unknown) => Promise.resolve(found),
  } as unknown as Records;
  return { read, door: new EverythingRecords(store, records, cursors) };
}

test('a page looks through a bounded number of groups, and says that there may be more', async () => {
  const { door, read } = world();
  const request = { type: 'Patient' as const, care: {}, count: 10 };
  const first = await door.page(LOCAL_CALLER, request);
  expect(first.matches).toEqual([]);
  expect(read).toEqual(Array.from({ length: 20 }, (_, i) => `p${i + 1}`));
  const second = await door.page(LOCAL_CALLER, { ...request, page: first.next! });
  expect(second.matches.map(({ id }) => id)).toEqual([`p${PATIENTS}`]);
  expect(read).toHaveLength(PATIENTS);
  expect(second.next).toBeUndefined();
});
