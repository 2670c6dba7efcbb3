import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PageResource } from '../../../../src/store/search/include/includer.ts';
import { IncludeWorld, OWN_BASE, unique } from './support.ts';

const to = (reference: string) => ({ reference });
const reverse = { reverse: true };
const iterate = { iterate: true };

let world: IncludeWorld;
let weight: PageResource;
let height: PageResource;
let ann: PageResource;
let bob: PageResource;

beforeAll(async () => {
  world = await IncludeWorld.open();
  await world.put('Organization/north');
  await world.put('Organization/south', { partOf: to('Organization/north') });
  await world.put('Practitioner/eve');
  ann = await world.put('Patient/ann', {
    managingOrganization: to('Organization/south'),
    generalPractitioner: [to('Practitioner/eve'), to('Organization/north')],
  });
  bob = await world.put('Patient/bob');
  await world.put('Group/all', { member: [{ entity: to('Patient/ann') }] });
  weight = await world.put('Observation/weight', {
    subject: to(`${OWN_BASE}/Patient/ann`),
    performer: [to('Practitioner/eve'), to('Patient/ann'), to('Practitioner/nobody')],
    hasMember: [to('Observation/height')],
  });
  height = await world.put('Observation/height', {
    subject: to('Group/all'),
    focus: [to('Patient/bob'), to('http://elsewhere.example/fhir/Patient/ann'), to('#inside')],
    derivedFrom: [to('Observation/weight')],
  });
});

afterAll(() => world.close());

describe('_include and _revinclude', () => {
  test.each([
    [['Observation:subject'], ['Patient/ann']],
    [['Observation:patient'], ['Patient/ann']],
    [['Observation:performer'], ['Patient/ann', 'Practitioner/eve']],
    [['Observation:performer:Practitioner'], ['Practitioner/eve']],
    [['Observation:performer:Organization'], []],
    [
      ['Observation:subject', 'Observation:performer'],
      ['Patient/ann', 'Practitioner/eve'],
    ],
    [['Observation:*'], ['Observation/height', 'Patient/ann', 'Practitioner/eve']],
    [['*'], ['Observation/height', 'Patient/ann', 'Practitioner/eve']],
    [['Observation:encounter'], []],
    [['Patient:organization'], []],
  ])('of one observation: %j', async (texts, expected) => {
    const includes = texts.map((text) => world.include(text));
    expect(await world.along([weight], includes)).toEqual(expected);
  });

  test('a parameter that is limited to patients leaves other subjects out', async () => {
    expect(await world.along([height], [world.include('Observation:subject')])).toEqual(['Group/all']);
    expect(await world.along([height], [world.include('Observation:patient')])).toEqual([]);
  });

  test("what a parameter's path selects beyond the types that it is for is left out", async () => {
    const used = await world.put('DeviceUseStatement/used', {
      subject: to('Group/herd'),
      device: to('Device/d'),
    });
    const herd = await world.put('Group/herd');
    const along = (from: PageResource, text: string, flags = {}) =>
      world.along([from], [world.include(text, flags)]);
    expect(await along(used, 'DeviceUseStatement:patient')).toEqual([]);
    expect(await along(used, 'DeviceUseStatement:subject')).toEqual(['Group/herd']);
    expect(await along(herd, 'DeviceUseStatement:patient', reverse)).toEqual([]);
  });

  test('what is contained or elsewhere is not followed', async () => {
    expect(await world.along([height], [world.include('Observation:focus')])).toEqual(['Patient/bob']);
  });

  test('matches are not brought again, and nothing twice', async () => {
    const includes = [world.include('Observation:*'), world.include('Observation:has-member')];
    expect(await world.along([weight, height], includes)).toEqual([
      'Group/all',
      'Patient/ann',
      'Patient/bob',
      'Practitioner/eve',
    ]);
  });

  test.each([
    [['Observation:subject'], ['Observation/weight']],
    [['Observation:patient'], ['Observation/weight']],
    [['Observation:performer'], ['Observation/weight']],
    [['Observation:performer:Practitioner'], []],
    [['Observation:focus'], ['Observation/height']],
    [['Group:member'], ['Group/all']],
    [
      ['Group:member', 'Observation:focus'],
      ['Group/all', 'Observation/height'],
    ],
    [['Observation:*'], ['Observation/height', 'Observation/weight']],
    [['*'], ['Group/all', 'Observation/height', 'Observation/weight']],
    [['Encounter:subject'], []],
  ])('what refers to two patients: %j', async (texts, expected) => {
    const includes = texts.map((text) => world.include(text, reverse));
    expect((await world.along([ann, bob], includes)).sort()).toEqual(expected);
  });
});

describe(':iterate', () => {
  test('without :iterate only matches are started from', async () => {
    const includes = [world.include('Observation:patient'), world.include('Patient:organization')];
    expect(await world.along([weight], includes)).toEqual(['Patient/ann']);
  });

  test(':iterate goes on from what was found, hop by hop, in that order', async () => {
    const includes = [
      world.include('Observation:patient'),
      world.include('Patient:organization', iterate),
      world.include('Organization:partof', iterate),
    ];
    expect(await world.along([weight], includes)).toEqual([
      'Patient/ann',
      'Organization/south',
      'Organization/north',
    ]);
  });

  test(':iterate starts from what a _revinclude brought', async () => {
    const includes = [
      world.include('Patient:general-practitioner', reverse),
      world.include('Patient:organization', iterate),
    ];
    const eve = await world.put('Practitioner/eve');
    expect(await world.along([eve], includes)).toEqual(['Patient/ann', 'Organization/south']);
  });

  test('a cycle ends', async () => {
    const a = await world.put('Organization/a', { partOf: to('Organization/b') });
    await world.put('Organization/b', { partOf: to('Organization/c') });
    await world.put('Organization/c', { partOf: to('Organization/a') });
    const up = [world.include('Organization:partof', iterate)];
    expect(await world.along([a], up)).toEqual(['Organization/b', 'Organization/c']);
    const both = [...up, world.include('Organization:partof', { ...reverse, ...iterate })];
    expect(await world.along([a], both)).toEqual(['Organization/b', 'Organization/c']);
  });

  test('a resource that refers to itself is not brought beside itself', async () => {
    const self = await world.put('Organization/self', { partOf: to('Organization/self') });
    const includes = [
      world.include('Organization:partof'),
      world.include('Organization:partof', { ...reverse, ...iterate }),
    ];
    expect(await world.along([self], includes)).toEqual([]);
  });
});

describe('references to versions', () => {
  const subject = (reference: string) => world.put('Encounter/versions', { subject: to(reference) });
  const along = async (matches: PageResource[], ...includes: string[]) => {
    const wanted = includes.map((text) => world.include(text, iterate));
    const { resources } = await world.includer.included(matches, wanted);
    return resources.map(({ id, content }) => `${id} ${/"versionId":"(\d+)"/.exec(content!)![1]!}`);
  };
  let current: PageResource;

  beforeAll(async () => {
    await world.put('Patient/versions', { managingOrganization: to('Organization/south') });
    await world.put('Patient/versions', { managingOrganization: to('Organization/north') });
    await world.delete('Patient/versions');
    current = await world.put('Patient/versions', { active: true });
  });

  test.each([
    ['Patient/versions/_history/2', ['versions 2']],
    [`${OWN_BASE}/Patient/versions/_history/1`, ['versions 1']],
    ['Patient/versions/_history/4', ['versions 4']],
    ['Patient/versions/_history/3', []],
    ['Patient/versions/_history/5', []],
    ['Patient/versions/_history/99999999999', []],
    ['Patient/versions/_history/v1', []],
    ['Patient/nobody/_history/1', []],
  ])('%s brings %j', async (reference, expected) => {
    expect(await along([await subject(reference)], 'Encounter:subject')).toEqual(expected);
  });

  test('what a past version refers to is gone on to', async () => {
    const encounter = await subject('Patient/versions/_history/1');
    expect(await along([encounter], 'Encounter:subject', 'Patient:organization')).toEqual([
      'versions 1',
      'south 1',
    ]);
  });

  test('each version comes once, also beside the current one', async () => {
    const encounter = await subject('Patient/versions');
    const others = ['2', '1', '2', '4'].map(async (version) =>
      world.put(unique('Encounter/v'), { subject: to(`Patient/versions/_history/${version}`) }),
    );
    const matches = [encounter, ...(await Promise.all(others))];
    expect(await along(matches, 'Encounter:subject')).toEqual(['versions 4', 'versions 2', 'versions 1']);
    expect(await along([...matches, current], 'Encounter:subject')).toEqual(['versions 2', 'versions 1']);
    expect(await world.along(matches, [world.include('Encounter:subject')], 2)).toHaveLength(3);
  });

  test('they are found in reverse by the resource', async () => {
    const encounter = await subject('Patient/versions/_history/1');
    const found = await world.along([current], [world.include('Encounter:subject', reverse)]);
    expect(found).toContain(`Encounter/${encounter.id}`);
  });
});

describe('what includes leave out', () => {
  test('deleted resources are left out, both ways', async () => {
    const patient = await world.put('Patient/gone');
    const encounter = await world.put('Encounter/of-gone', { subject: to('Patient/gone') });
    await world.delete('Patient/gone');
    expect(await world.along([encounter], [world.include('Encounter:patient')])).toEqual([]);
    await world.delete('Encounter/of-gone');
    expect(await world.along([patient], [world.include('Encounter:patient', reverse)])).toEqual([]);
  });

  test('a type that was never written has nothing to bring', async () => {
    const device = await world.put('DeviceMetric/m', {
      source: to('Device/none'),
      parent: to('Device/none'),
    });
    expect(await world.along([device], [world.include('DeviceMetric:source')])).toEqual([]);
    expect(await world.along([device], [world.include('Media:device', reverse)])).toEqual([]);
  });

  test('no match, no include, nothing to do', async () => {
    expect(await world.along([], [world.include('*')])).toEqual([]);
    expect(await world.along([weight], [])).toEqual([]);
  });
});
