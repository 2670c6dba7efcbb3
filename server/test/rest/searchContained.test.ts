import { beforeAll, describe, expect, test } from '@jest/globals';
import { FHIR, fhir, serverForFile } from './support.ts';

const { api, base } = serverForFile();

const medication = {
  resourceType: 'Medication',
  id: 'm1',
  code: { coding: [{ system: 'urn:drugs', code: 'abc' }] },
  manufacturer: { reference: 'Organization/maker' },
  amount: { numerator: { value: 1 }, denominator: { value: 1 } },
};
/** It can be contained because it refers to its container. */
const WITHOUT_ID = {
  resourceType: 'Medication',
  extension: [{ url: 'http://example.org/of', valueReference: { reference: '#' } }],
  code: { coding: [{ code: 'abc' }] },
};
const request = (id: string, contained: object[]) => ({
  resourceType: 'MedicationRequest',
  id,
  contained,
  status: 'active',
  intent: 'order',
  medicationReference: { reference: '#m1' },
  subject: { reference: 'Patient/p' },
});

beforeAll(async () => {
  const resources = [
    { resourceType: 'Organization', id: 'maker', name: 'Maker' },
    { resourceType: 'Patient', id: 'p' },
    { ...medication, id: 'own' },
    { ...medication, id: 'm1', code: { text: 'another, by itself, with the id of a contained one' } },
    request('23', [medication]),
    request('24', [{ ...medication, code: { coding: [{ system: 'urn:drugs', code: 'xyz' }] } }]),
    { ...request('25', [WITHOUT_ID]), medicationReference: { display: 'x' } },
  ];
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  await api().post('/').set('Content-Type', FHIR).send(fhir(bundle)).expect(200);
});

interface Entry {
  fullUrl?: string;
  resource: { resourceType: string; id?: string; [name: string]: unknown };
  search: { mode: string };
}
interface Bundle {
  total?: number;
  link: { relation: string; url: string }[];
  entry: Entry[];
}

const search = async (query: string): Promise<Bundle> =>
  (await api().get(`/Medication?code=abc&${query}`).expect(200)).body;
const summary = ({ entry }: Bundle) =>
  entry.map(({ fullUrl, resource, search: { mode } }) => [
    fullUrl?.replace(base(), ''),
    resource.resourceType,
    resource.id,
    mode,
  ]);

const OWN = ['/Medication/own', 'Medication', 'own', 'match'];
const CONTAINERS = [
  ['/MedicationRequest/23', 'MedicationRequest', '23', 'match'],
  ['/MedicationRequest/25', 'MedicationRequest', '25', 'match'],
];
/** Without an id, it has no URL: then the one of the container would be wrong. */
const CONTAINED = [
  ['/MedicationRequest/23#m1', 'Medication', 'm1', 'match'],
  [undefined, 'Medication', undefined, 'match'],
];

test.each([
  ['_contained=false', [OWN]],
  ['_contained=false&_containedType=contained', [OWN]],
  ['_contained=true', CONTAINERS],
  ['_contained=true&_containedType=contained', CONTAINED],
  ['_contained=both', [OWN, ...CONTAINERS]],
  ['_contained=both&_containedType=contained', [OWN, ...CONTAINED]],
])('%s returns entries as R4 says', async (query, expected) => {
  const bundle = await search(query);
  expect(summary(bundle)).toEqual(expected);
  expect(bundle.total).toBe(expected.length);
  expect(bundle.link[0]).toEqual({
    relation: 'self',
    url: `${base()}/Medication?code=abc&${query}`,
  });
});

test('containers come as they are stored, contained resources as they stand in them', async () => {
  const [container] = (await search('_contained=true')).entry;
  expect(container!.resource).toEqual((await api().get('/MedicationRequest/23').expect(200)).body);
  const [contained] = (await search('_contained=true&_containedType=contained')).entry;
  expect(contained!.resource).toEqual(medication);
});

test('pages lead there and back by links, which are of one mode', async () => {
  const query = '_contained=both&_containedType=contained&_count=1';
  let bundle = await search(query);
  const seen = [summary(bundle)];
  const linked = (relation: string) => bundle.link.find((link) => link.relation === relation)?.url;
  for (let next = linked('next'); next !== undefined; next = linked('next')) {
    bundle = (await api().get(next.slice(base().length)).expect(200)).body;
    seen.push(summary(bundle));
  }
  expect(seen.flat()).toEqual([OWN, ...CONTAINED]);
  for (let i = seen.length - 2; i >= 0; i--) {
    bundle = (await api().get(linked('previous')!.slice(base().length)).expect(200)).body;
    expect(summary(bundle)).toEqual(seen[i]);
  }
  const next = linked('next')!.slice(base().length);
  await api().get(next.replace('_contained=both', '_contained=true')).expect(400);
  await api().get(next.replace('_containedType=contained', '_containedType=container')).expect(400);
});

test('by POST and in a batch as well', async () => {
  const form = 'code=abc&_contained=true';
  const { body } = await api().post('/Medication/_search').type('form').send(form).expect(200);
  expect(summary(body)).toEqual(CONTAINERS);
  const entry = [{ request: { method: 'GET', url: `Medication?${form}` } }];
  const batch = await api()
    .post('/')
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Bundle', type: 'batch', entry }))
    .expect(200);
  expect(summary(batch.body.entry[0].resource)).toEqual(CONTAINERS);
});

test('in a compartment only what refers to its resource', async () => {
  const { body } = await api().get('/Patient/p/MedicationRequest?_contained=both').expect(200);
  expect(body.entry).toHaveLength(3);
  const none = await api().get('/Patient/p/MedicationRequest?_contained=true').expect(200);
  expect(none.body.entry).toBeUndefined();
});

describe('the look of contained resources', () => {
  const contained = '_contained=true&_containedType=contained';

  test('_elements and _summary reduce them by their own type, and say so', async () => {
    const tag = [expect.objectContaining({ code: 'SUBSETTED' })];
    const [byElements] = (await search(`${contained}&_elements=code`)).entry;
    expect(byElements!.resource).toEqual({
      resourceType: 'Medication',
      id: 'm1',
      meta: { tag },
      code: medication.code,
    });
    const [bySummary] = (await search(`${contained}&_summary=true`)).entry;
    expect(bySummary!.resource).toMatchObject({ resourceType: 'Medication', meta: { tag } });
    const [container] = (await search('_contained=true&_summary=true')).entry;
    expect(container!.resource).toMatchObject({ resourceType: 'MedicationRequest', meta: { tag } });
    expect((await search(`${contained}&_summary=count`)).total).toBe(2);
  });

  test('_include brings what they refer to', async () => {
    const bundle = await search(`${contained}&_include=Medication:manufacturer`);
    expect(summary(bundle)).toEqual([
      ...CONTAINED,
      ['/Organization/maker', 'Organization', 'maker', 'include'],
    ]);
  });
});

test.each([
  '_sort=code',
  '_include=Medication:manufacturer',
  '_elements=code',
  'manufacturer.name=Maker',
  '_lastUpdated=2020',
])('%s is refused, and told what would be accepted', async (query) => {
  const refused = await api().get(`/Medication?_contained=true&${query}`).expect(400);
  expect(refused.body.issue[0].diagnostics).toMatch(/leave|add/);
  await api().get(`/Medication?_contained=false&${query}`).expect(200);
});
