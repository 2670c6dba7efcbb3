import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LOCAL_CALLER } from '../../../src/records/caller.ts';
import { GateWorld, refusal } from './world.ts';

let world: GateWorld;

const patient = (id: string, family: string, more: object = {}) => ({
  resourceType: 'Patient',
  id,
  name: [{ family }],
  ...more,
});
const observation = (id: string, subject: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: subject },
  ...more,
});
const encounter = (id: string, subject: string, practitioner: string) => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR' },
  subject: { reference: subject },
  participant: [{ individual: { reference: practitioner } }],
});

beforeAll(async () => {
  world = await GateWorld.open();
  await world.put(
    { resourceType: 'Practitioner', id: 'p1' },
    { resourceType: 'Practitioner', id: 'p2' },
    patient('mine', 'Open', { birthDate: '1970-01-01', active: true }),
    patient('other', 'Closed', { birthDate: '1980-01-01', active: false }),
    encounter('e-mine', 'Patient/mine', 'Practitioner/p1'),
    encounter('e-other', 'Patient/other', 'Practitioner/p2'),
    observation('o-mine', 'Patient/mine', { valueQuantity: { value: 1, unit: 'x' } }),
    observation('o-other', 'Patient/other'),
  );
});
afterAll(() => world.close());

/** Sees patients of encounters with Practitioner/p1 (it takes the database), and observations of one patient. */
const doctor = () =>
  world.caller(
    { resourceType: 'Patient', criteria: 'Patient?_has:Encounter:patient:practitioner=%profile' },
    { resourceType: 'Observation', criteria: 'Observation?subject=Patient/mine' },
    { resourceType: 'Encounter', criteria: 'Encounter?practitioner=%profile' },
  );

describe('read', () => {
  test('what may not be seen is not there, whether that is told by content or by the database', async () => {
    const caller = doctor();
    const read = (type: string, id: string) => refusal(world.records.read(caller, type, id));
    expect([await read('Patient', 'mine'), await read('Observation', 'o-mine')]).toEqual(['none', 'none']);
    for (const name of ['Patient/other', 'Patient/none', 'Observation/o-other', 'Encounter/e-other'])
      expect([name, await read(...(name.split('/') as [string, string]))]).toEqual([name, 'not-found']);
    expect(await read('Practitioner', 'p1')).toBe('forbidden');
    expect(await refusal(world.records.readVersion(caller, 'Patient', 'other', '1'))).toBe('not-found');
  });

  test('a deletion is told to those only who saw what was deleted', async () => {
    await world.put(observation('gone-mine', 'Patient/mine'), observation('gone-other', 'Patient/other'));
    for (const id of ['gone-mine', 'gone-other']) await world.records.delete(LOCAL_CALLER, 'Observation', id);
    const read = (id: string) => refusal(world.records.read(doctor(), 'Observation', id));
    expect([await read('gone-mine'), await read('gone-other')]).toEqual(['gone', 'not-found']);
  });

  test('hidden elements are left out, and every digit of the others stays', async () => {
    const text =
      '{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50,"unit":"mg"},"note":[{"text":"secret"}]}';
    const { parseJson } = await import('../../../src/fhir/json/parse.ts');
    await world.records.update(LOCAL_CALLER, 'Observation', 'exact', parseJson(Buffer.from(text)));
    const caller = world.caller({ resourceType: 'Observation', hiddenFields: ['note'] });
    const { content } = await world.records.read(caller, 'Observation', 'exact');
    expect(content).toContain('"value":1.50');
    expect(content).not.toContain('secret');
  });
});

describe('versions that come along', () => {
  test('only where that version and the current one may be seen, without what is hidden', async () => {
    const note = [{ text: 'secret' }];
    for (const [id, ...subjects] of [
      ['kept', 'mine', 'mine'],
      ['came', 'other', 'mine'],
      ['left', 'mine', 'other'],
    ] as const) {
      for (const subject of subjects) await world.put(observation(id, `Patient/${subject}`, { note }));
      const hasMember = [{ reference: `Observation/${id}/_history/1` }];
      await world.put(observation(`to-${id}`, 'Patient/mine', { hasMember }));
    }
    const along = async (...rules: Parameters<typeof world.caller>) => {
      const pairs = Object.entries({ _id: 'to-kept,to-came,to-left', _include: 'Observation:has-member' });
      const { query } = world.records.parseSearch({ type: 'Observation' }, pairs, 'strict');
      const { included } = await world.records.search(world.caller(...rules), query);
      return included.map(({ id, content }) => [
        id,
        content.includes('"versionId":"1"'),
        /secret/.test(content),
      ]);
    };
    const mine = 'Observation?subject=Patient/mine';
    expect(await along({ resourceType: 'Observation' })).toEqual([
      ['kept', true, true],
      ['came', true, true],
      ['left', true, true],
    ]);
    expect(await along({ resourceType: 'Observation', criteria: mine, hiddenFields: ['note'] })).toEqual([
      ['kept', true, false],
    ]);
    expect(
      await along({ resourceType: 'Observation', criteria: mine, interaction: ['search', 'read'] }),
    ).toEqual([]);
  });
});

describe('history', () => {
  test('has the versions that may be seen', async () => {
    await world.put(observation('moved', 'Patient/other'), observation('moved', 'Patient/mine'));
    const { entries } = await world.records.instanceHistory(doctor(), 'Observation', 'moved', { count: 10 });
    expect(entries.map(({ version }) => version)).toEqual([2]);
    await world.put(observation('moved', 'Patient/other'));
    expect(
      await refusal(world.records.instanceHistory(doctor(), 'Observation', 'moved', { count: 10 })),
    ).toBe('not-found');
    expect(await refusal(world.records.readVersion(doctor(), 'Observation', 'moved', '2'))).toBe('not-found');
    const { entries: changes } = await world.records.changeHistory(doctor(), 'Observation', { count: 1000 });
    expect(changes.map(({ id }) => id)).not.toContain('moved');
  });

  test('of a type and of everything, too; of a type of which nothing may be seen it is refused', async () => {
    const caller = doctor();
    for (const type of ['Observation', undefined]) {
      const { entries } = await world.records.changeHistory(caller, type, { count: 1000 });
      const ids = new Set(entries.map(({ id }) => id));
      expect([ids.has('o-mine'), ids.has('o-other'), ids.has('gone-mine'), ids.has('gone-other')]).toEqual([
        true,
        false,
        true,
        false,
      ]);
      if (type === undefined)
        expect([ids.has('mine'), ids.has('other'), ids.has('p1')]).toEqual([true, false, false]);
    }
    expect(await refusal(world.records.changeHistory(caller, 'Practitioner', { count: 10 }))).toBe(
      'forbidden',
    );
  });
});

describe('search', () => {
  test('finds what may be seen, and counts nothing else', async () => {
    expect(await world.search(doctor(), 'Patient', '_total=accurate')).toEqual({
      matches: ['Patient/mine'],
      included: [],
      total: 1,
    });
    expect((await world.search(doctor(), 'Patient', '_summary=count')).total).toBe(1);
    expect((await world.search(doctor(), 'Observation', '_id=o-other')).matches).toEqual([]);
    expect(await refusal(world.search(doctor(), 'Practitioner', ''))).toBe('forbidden');
  });

  test('a chain, _has or list leads through nothing that may not be seen', async () => {
    const caller = world.caller(
      { resourceType: 'Observation' },
      { resourceType: 'Patient', criteria: 'Patient?active=true' },
    );
    expect((await world.search(caller, 'Observation', 'subject:Patient.name=Open')).matches).toContain(
      'Observation/o-mine',
    );
    expect((await world.search(caller, 'Observation', 'subject:Patient.name=Closed')).matches).toEqual([]);
    expect((await world.search(caller, 'Observation', 'encounter.status=finished')).matches).toEqual([]);
    const reverse = world.caller(
      { resourceType: 'Patient' },
      { resourceType: 'Observation', criteria: 'Observation?subject=Patient/mine' },
    );
    expect((await world.search(reverse, 'Patient', '_has:Observation:subject:status=final')).matches).toEqual(
      ['Patient/mine'],
    );
    expect(
      (await world.search(reverse, 'Patient', '_has:Encounter:patient:status=finished')).matches,
    ).toEqual([]);
    await world.put({
      resourceType: 'List',
      id: 'l',
      status: 'current',
      mode: 'working',
      entry: [{ item: { reference: 'Patient/mine' } }],
    } as { resourceType: string; id: string });
    expect((await world.search(reverse, 'Patient', '_list=l')).matches).toEqual([]);
    const withLists = world.caller({ resourceType: 'Patient' }, { resourceType: 'List' });
    expect((await world.search(withLists, 'Patient', '_list=l')).matches).toEqual(['Patient/mine']);
  });

  test('includes bring what may be seen, and go on from nothing else', async () => {
    const caller = world.caller(
      { resourceType: 'Observation', criteria: 'Observation?subject=Patient/mine' },
      { resourceType: 'Encounter' },
      { resourceType: 'Practitioner' },
    );
    const query =
      '_id=o-mine&_include=Observation:subject&_revinclude:iterate=Encounter:subject&_include:iterate=Encounter:participant';
    expect((await world.search(caller, 'Observation', query)).included).toEqual([]);
    expect((await world.search(LOCAL_CALLER, 'Observation', query)).included).toEqual([
      'Encounter/e-mine',
      'Patient/mine',
      'Practitioner/p1',
    ]);
    const encounters = await world.search(
      caller,
      'Encounter',
      '_include=Encounter:participant&_revinclude=Observation:encounter',
    );
    expect(encounters.included).toEqual(['Practitioner/p1', 'Practitioner/p2']);
  });

  test('nothing that is hidden is searched, sorted or included by', async () => {
    const caller = world.caller({
      resourceType: 'Patient',
      hiddenFields: ['birthDate', 'generalPractitioner'],
    });
    for (const query of [
      'birthdate=1970-01-01',
      '_sort=birthdate',
      '_filter=birthdate eq 1970-01-01',
      '_content=x',
      '_include=Patient:general-practitioner',
      '_include=*',
    ])
      expect([query, await refusal(world.search(caller, 'Patient', query))]).toEqual([query, 'forbidden']);
    expect((await world.search(caller, 'Patient', 'family=Open')).matches).toEqual(['Patient/mine']);
    const chained = world.caller(
      { resourceType: 'Patient', hiddenFields: ['birthDate'] },
      { resourceType: 'Observation' },
    );
    expect(await refusal(world.search(chained, 'Observation', 'subject:Patient.birthdate=1970-01-01'))).toBe(
      'forbidden',
    );
  });

  test('a system search has the types of which something may be seen', async () => {
    const { query } = world.records.parseSearch({}, [['_id', 'o-mine,o-other,mine,other,p1']], 'strict');
    const { matches } = await world.records.search(doctor(), query);
    expect(matches.map(({ id }) => id).sort()).toEqual(['mine', 'o-mine']);
  });
});

test('a page link is of no use to another caller', async () => {
  const first = world.caller({ resourceType: 'Observation' });
  const second = { ...first, id: 'another' };
  const { query } = world.records.parseSearch(
    { type: 'Observation' },
    [
      ['_count', '1'],
      ['_sort', '_id'],
    ],
    'strict',
  );
  const { next } = await world.records.search(first, query);
  expect(next).toBeDefined();
  expect(await refusal(world.records.search(second, { ...query, page: next! }))).toBe('incorrect');
});
