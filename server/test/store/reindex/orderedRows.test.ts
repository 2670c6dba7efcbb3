import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { orderedRows } from '../../../src/store/postgres/migrations/0005_ordered_rows.ts';
import { quoted } from '../../../src/store/postgres/migrations/schemaName.ts';
import { INDEX_FORM_SETTING, Settings } from '../../../src/store/settings.ts';
import type { Store } from '../../../src/store/store.ts';
import { ReindexWorld, putOf, walkAll } from './reindexWorld.ts';

let world: ReindexWorld;
let server: Store;

beforeAll(async () => {
  world = await ReindexWorld.open();
  server = await world.server();
});
afterAll(() => world.close());

const indexText = async () => {
  const [row] = await world.sql(
    `SELECT indexdef FROM pg_indexes WHERE schemaname = '${world.schema}' AND indexname = 'observation_ordered_key'`,
  );
  return row!.indexdef;
};
const ordered = () => world.sql('SELECT * FROM $schema.observation_ordered ORDER BY rid, key');

test('a store of the release before is brought to the rows of this one by its migration and a walk', async () => {
  const weight = {
    status: 'final',
    code: { coding: [{ system: 'urn:c', code: 'weight' }] },
    subject: { reference: 'Patient/a' },
    effectiveDateTime: '2024-02-03',
    valueQuantity: { value: 70, system: 'http://unitsofmeasure.org', code: 'kg' },
  };
  await server.writer.write(putOf(server, 'Observation/o', weight));
  await server.writer.write(putOf(server, 'Observation/gone', weight));
  const [wanted, index] = [await ordered(), await indexText()];
  expect(wanted).toHaveLength(4);

  // As it was: a row for the code with its system instead of one for the patient, and no quantities.
  await world.sql(`UPDATE $schema.observation_ordered o SET key = (
    SELECT max(k) FROM $schema.observation m, unnest(m.keys) k WHERE m.rid = o.rid AND NOT EXISTS (
      SELECT FROM $schema.observation_ordered e WHERE e.key = k))
    FROM $schema.observation m WHERE m.rid = o.rid AND NOT o.key = ANY (m.keys)`);
  await world.sql('ALTER TABLE $schema.observation_ordered DROP COLUMN quantity, DROP COLUMN base_quantity');
  await world.sql(
    'CREATE INDEX observation_ordered_key ON $schema.observation_ordered (key, date DESC, rid)',
  );

  await world.database.transaction((tx) => orderedRows.run(tx, quoted(world.schema)));
  expect(await indexText()).toBe(index);
  expect(await world.differences(server)).toEqual(['Observation/o ordered', 'Observation/gone ordered']);
  await server.writer.write({ method: 'D', type: 'Observation', id: 'gone' });

  await new Settings(world.database, world.schema).write(INDEX_FORM_SETTING, '2');
  await walkAll(server);
  expect(await world.differences(server)).toEqual([]);
  expect(await ordered()).toEqual(wanted.filter(({ rid }) => rid === wanted[0]!.rid));
});
