import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { historyInline } from '../../../src/store/postgres/migrations/0023_history_inline.ts';
import { quoted } from '../../../src/store/postgres/migrations/schemaName.ts';
import type { Store } from '../../../src/store/store.ts';
import { putOf, ReindexWorld } from '../reindex/reindexWorld.ts';

let world: ReindexWorld;
let store: Store;
beforeAll(async () => {
  world = await ReindexWorld.open();
  store = await world.server();
});
afterAll(() => world.close());

const UCUM = 'http://unitsofmeasure.org';
const weight = {
  status: 'final',
  code: { coding: [{ system: 'urn:c', code: 'weight' }] },
  subject: { reference: 'Patient/a' },
  effectiveDateTime: '2024-02-03',
  valueQuantity: { value: 70, system: UCUM, code: 'kg' },
};
const codes = (...all: string[]) => ({ coding: all.map((code) => ({ system: 'urn:c', code })) });

test.each<[string, object, number]>([
  ['nothing', {}, 2],
  ['the value, with the same keys', { valueQuantity: { value: 71, system: UCUM, code: 'kg' } }, 2],
  ['the unit', { valueQuantity: { value: 71_000, system: UCUM, code: 'g' } }, 2],
  ['the time, with the same keys', { effectiveDateTime: '2024-02-04' }, 2],
  ['the time away', { effectiveDateTime: undefined }, 2],
  ['the code', { code: codes('mass') }, 2],
  ['the number of codes', { code: codes('weight', 'mass') }, 4],
  ['the patient', { subject: { reference: 'Patient/b' } }, 2],
  ['the patient away', { subject: undefined }, 1],
  ['the code away', { code: { text: 'weight' } }, 0],
])(
  'an update that changes %s, and one that takes it back, leave the rows of their version',
  async (_, change, rows) => {
    const ordered = () => world.sql('SELECT * FROM $schema.observation_ordered ORDER BY key');
    await store.writer.write(putOf(store, 'Observation/o', weight));
    const before = await ordered();
    await store.writer.write(putOf(store, 'Observation/o', { ...weight, ...change }));
    expect(await world.differences(store)).toEqual([]);
    expect(await ordered()).toHaveLength(rows);
    await store.writer.write(putOf(store, 'Observation/o', weight));
    expect(await world.differences(store)).toEqual([]);
    expect(await ordered()).toEqual(before);
  },
);

test('superseded versions stay in one piece, also in the tables of a store of the release before', async () => {
  await store.writer.write(putOf(store, 'Observation/o', weight));
  const options = () =>
    world.sql(
      `SELECT reloptions FROM pg_class WHERE relname = 'observation_history' AND relnamespace = to_regnamespace('${world.schema}')`,
    );
  const wanted = await options();
  expect(wanted).toEqual([{ reloptions: ['toast_tuple_target=8160'] }]);
  await world.sql('ALTER TABLE $schema.observation_history RESET (toast_tuple_target)');
  await world.database.transaction((tx) => historyInline.run(tx, quoted(world.schema)));
  expect(await options()).toEqual(wanted);
});
