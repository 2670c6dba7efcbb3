import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import type { Store } from '../../../src/store/store.ts';
import { add, contact, found, put, ReindexWorld, walkAll } from './reindexWorld.ts';

/** Writers, walks and what indexes by some parameters only make the same rows, whatever the expression of a parameter. */
let world: ReindexWorld;
let server: Store;
let fhir: Definitions | undefined;
beforeEach(async () => {
  world = await ReindexWorld.open(fhir);
  fhir = world.fhir;
  server = await world.server();
});
afterEach(() => world.close());

test('what looks anywhere sees neither what the store writes into a version, nor the order in which a client wrote', async () => {
  await add(server, 'any-text', { expression: 'Patient.descendants().ofType(string)', code: 'any-text' });
  await add(server, 'first', {
    expression: 'Patient.children().where($this is id or $this is code).first()',
    code: 'first',
  });
  await walkAll(server);
  await put(server, 'Patient/one', { gender: 'male', ...contact('Ann'), meta: { versionId: '77' } });
  expect(await found(server, 'Patient', 'any-text', '77')).toEqual([]);
  expect(await found(server, 'Patient', 'any-text', 'ann')).toEqual(['one']);
  expect(await world.differences(server)).toEqual([]);
});

test('a date parameter that has more paths than the main date, or fewer, is answered by its own', async () => {
  const date = { type: 'date', base: ['Patient'] };
  await add(server, 'dated', {
    ...date,
    code: 'dated',
    expression: 'Patient.birthDate | Patient.name.period',
  });
  await add(server, 'began', {
    type: 'date',
    base: ['Condition'],
    code: 'began',
    expression: 'Condition.onset.ofType(dateTime)',
  });
  await walkAll(server);
  await put(server, 'Patient/one', {
    birthDate: '1990-05-05',
    name: [{ period: { start: '2010', end: '2010' } }],
  });
  await put(server, 'Condition/period', { onsetPeriod: { start: '2010', end: '2010' } });
  await put(server, 'Condition/moment', { onsetDateTime: '2010-01-01' });
  for (const year of ['1990', '2010']) expect(await found(server, 'Patient', 'dated', year)).toEqual(['one']);
  for (const year of ['2000', '2011']) expect(await found(server, 'Patient', 'dated', year)).toEqual([]);
  expect(await found(server, 'Patient', 'birthdate', '1990-05')).toEqual(['one']);
  expect(await found(server, 'Condition', 'began', '2010')).toEqual(['moment']);
  expect(await found(server, 'Condition', 'onset-date', '2010')).toEqual(['moment', 'period']);
});

test('one of the same path as the main date is answered by it, also where nothing else is indexed', async () => {
  await add(server, 'born', { type: 'date', code: 'born', expression: 'Patient.birthDate' });
  await walkAll(server);
  const patient = { resourceType: 'Patient', id: 'one', birthDate: '1990-05-05' };
  await put(server, 'Patient/one', patient);
  expect(await found(server, 'Patient', 'born', '1990-05')).toEqual(['one']);
  const rows = server.indexer.only('Patient', new Set(['born'])).index(patient);
  expect(rows.dateLoMs).toBe(Date.UTC(1990, 4, 5));
});
