import { beforeAll, describe, expect, test } from '@jest/globals';
import { search } from './search.ts';
import { BASE, createSmallWorlds, observation, type SmallWorlds } from './smallWorlds.ts';
import { nameOf, type Json } from './world.ts';

/*
 * Small cases, most of them the examples of http://hl7.org/fhir/R4/search.html: the oracle itself is judged by hand.
 */
let small: SmallWorlds;
beforeAll(async () => {
  small = await createSmallWorlds();
});

describe('reference', () => {
  const subject = (reference: string, more: Json = {}) => observation({ subject: { reference, ...more } });
  const observations: Record<string, Json> = {
    relative: subject('Patient/123'),
    absolute: subject(`${BASE}/Patient/123`),
    versioned: subject('Patient/123/_history/2'),
    foreign: subject('http://other.org/fhir/Patient/123'),
    device: subject('Device/123'),
    contained: {
      ...subject('#p'),
      contained: [{ resourceType: 'Patient', id: 'p', name: [{ family: 'Inside' }] }],
    },
    logical: observation({ subject: { identifier: { system: 'http://acme', value: '1' } } }),
  };
  const others = [
    {
      resourceType: 'Patient',
      id: '123',
      name: [{ family: 'Peter' }],
      generalPractitioner: [{ reference: 'Practitioner/joe' }],
    },
    { resourceType: 'Practitioner', id: 'joe', name: [{ given: ['Joe'] }] },
  ];
  test.each([
    ['subject=Patient/123', ['relative', 'absolute', 'versioned']],
    ['subject=123', ['relative', 'absolute', 'versioned', 'device']],
    ['subject:Patient=123', ['relative', 'absolute', 'versioned']],
    ['patient=123', ['relative', 'absolute', 'versioned']],
    [`subject=${BASE}/Patient/123`, ['relative', 'absolute', 'versioned']],
    ['subject=Patient/123/_history/2', ['versioned']],
    ['subject=http://other.org/fhir/Patient/123', ['foreign']],
    ['subject:identifier=http://acme|1', ['logical']],
    ['patient:missing=true', ['device', 'logical']],
    ['subject.name=pet', ['relative', 'absolute', 'versioned']],
    ['subject:Patient.name=inside', ['contained']],
    ['subject:Patient.general-practitioner.name=joe', ['relative', 'absolute', 'versioned']],
    ['_filter=subject[gender pr false].name co "ete"', ['relative', 'absolute', 'versioned']],
  ])('%s', (query, expected) => {
    expect(small.found('Observation', `Observation?${query}`, observations, others)).toEqual(expected);
  });
  test('_has, compartment, _include and _revinclude', () => {
    const context = small.context([
      ...Object.entries(observations).map(([id, json]) => ({ resourceType: 'Observation', id, ...json })),
      ...others,
    ]);
    const names = (url: string) => search(context, url).matches.map(nameOf);
    expect(names('Patient?_has:Observation:patient:status=final')).toEqual(['Patient/123']);
    expect(
      names('Practitioner?_has:Patient:general-practitioner:_has:Observation:subject:_id=relative'),
    ).toEqual(['Practitioner/joe']);
    expect(names('Patient/123/Observation?')).toEqual([
      'Observation/relative',
      'Observation/absolute',
      'Observation/versioned',
    ]);
    const include = search(
      context,
      'Observation?_id=absolute&_include=Observation:subject&_include:iterate=Patient:general-practitioner',
    );
    expect([...include.includedWith(include.matches)]).toEqual(['Patient/123', 'Practitioner/joe']);
    const reverse = search(
      context,
      'Practitioner?_revinclude=Patient:general-practitioner&_revinclude:iterate=Observation:*',
    );
    expect([...reverse.includedWith(reverse.matches)]).toEqual([
      'Patient/123',
      'Observation/relative',
      'Observation/absolute',
      'Observation/versioned',
    ]);
  });
});

test('hierarchies', () => {
  const partOf = (id: string): Json => ({ partOf: { reference: `Location/${id}` } });
  const locations = { a: {}, b: partOf('a'), c: partOf('b'), d: {}, e: partOf('f'), f: partOf('e') };
  expect(small.found('Location', 'Location?partof:below=a', locations)).toEqual(['b', 'c']);
  expect(small.found('Location', 'Location?partof:above=b', locations)).toEqual(['b', 'c']);
  expect(small.found('Location', 'Location?partof:below=e', locations)).toEqual(['e', 'f']);
  const encounters = [1, 2].map((n) => ({
    resourceType: 'Encounter',
    id: `e${n}`,
    location: [{ location: { reference: n === 1 ? 'Location/c' : 'Location/d' } }],
  }));
  const all = [
    ...Object.entries(locations).map(([id, json]) => ({ resourceType: 'Location', id, ...json })),
    ...encounters,
  ];
  expect(search(small.context(all), 'Encounter?location:below=a').matches.map(({ id }) => id)).toEqual([
    'e1',
  ]);
});

test('sorting', () => {
  const patients: Record<string, Json> = {
    a: { name: [{ family: 'Zett' }, { family: 'änne' }], birthDate: '2000' },
    b: { name: [{ family: 'Berg' }], birthDate: '2000-06-01' },
    c: { gender: 'male' },
    d: { name: [{ family: 'Berg' }], gender: 'female' },
  };
  const order = (sort: string) => small.found('Patient', `Patient?_sort=${sort}`, patients).join('');
  expect(order('family')).toBe('abdc');
  expect(order('-family')).toBe('abdc');
  expect(order('-family,-_id')).toBe('adbc');
  expect(order('birthdate')).toBe('abcd');
  expect(order('-birthdate')).toBe('bacd');
  expect(order('gender')).toBe('dcab');
  expect(order('-_lastUpdated')).toBe('dcba');
});

test('contained resources', () => {
  const patient = (id: string, family: string) => ({ resourceType: 'Patient', id, name: [{ family }] });
  const observations = {
    a: observation({ contained: [patient('p', 'Berg'), patient('q', 'Bergmann')] }),
    b: observation({ contained: [patient('p', 'Meyer')] }),
  };
  const inside = Object.entries(observations).map(([id, json]) => ({
    resourceType: 'Observation',
    id,
    ...json,
  }));
  const context = small.context([...inside, patient('x', 'Berg')]);
  const names = (query: string) => search(context, `Patient?name=berg&${query}`).matches.map(nameOf);
  expect(names('')).toEqual(['Patient/x']);
  expect(names('_contained=true')).toEqual(['Observation/a']);
  expect(names('_contained=both')).toEqual(['Patient/x', 'Observation/a']);
  expect(names('_contained=both&_containedType=contained')).toEqual([
    'Patient/x',
    'Observation/a#p',
    'Observation/a#q',
  ]);
});

test('_list and full text', () => {
  const list = {
    resourceType: 'List',
    id: 'l',
    entry: [{ item: { reference: 'Patient/a' } }, { deleted: true, item: { reference: 'Patient/b' } }],
  };
  const patients = { a: {}, b: { text: { div: '<div>Metastases of the <b>bone</b></div>' } }, c: {} };
  expect(small.found('Patient', 'Patient?_list=l', patients, [list])).toEqual(['a']);
  expect(small.found('Patient', 'Patient?_text=bone metastases', patients)).toEqual(['b']);
  expect(small.found('Patient', 'Patient?_text=lung or bone', patients)).toEqual(['b']);
  expect(small.found('Patient', 'Patient?_content=bone -metastases', patients)).toEqual([]);
});
