import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientOf, type Client } from '../acceptance/support/client.ts';
import { idsOf, put, refusal, reindex, reindexReport, searchParameter } from '../support/searchParameters.ts';
import { startTestServer } from '../support/server.ts';

/** Search parameters that are added at run time, of every type and shape, and what finds what by them. */
let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;

const KG = { unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' };
const patient = (i: number) => ({
  resourceType: 'Patient',
  id: `p${i}`,
  language: i === 0 ? 'de' : 'en',
  contact: [{ name: { family: `Contact${i}` } }],
  maritalStatus: { coding: [{ system: 'urn:m', code: `m${i}` }], text: `marital ${i}` },
  multipleBirthInteger: i,
  managingOrganization: { reference: `Organization/o${i % 2}` },
  extension: [
    { url: 'urn:ext:number', valueDecimal: i + 0.5 },
    { url: 'urn:ext:weight', valueQuantity: { value: i * 10, ...KG } },
    { url: 'urn:ext:site', valueUri: `http://site.example/${i}` },
    {
      url: 'urn:ext:race',
      extension: [
        { url: 'ombCategory', valueCoding: { system: 'urn:race', code: `r${i}` } },
        { url: 'text', valueString: `r${i + 1}` },
      ],
    },
    { url: 'urn:ext:since', valueDateTime: `2024-01-0${i + 1}` },
  ],
  ...(i < 3 && { photo: [{ creation: `2020-01-0${i + 1}` }] }),
});
const observation = (i: number) => ({
  resourceType: 'Observation',
  id: `b${i}`,
  language: 'de',
  status: 'final',
  code: { coding: [{ system: 'urn:c', code: `c${i % 2}` }] },
  subject: { reference: i < 3 ? `Patient/p${i}` : 'Group/g' },
  effectiveDateTime: `2024-01-0${i + 1}`,
  bodySite: { coding: [{ code: `site${i}` }] },
  referenceRange: [
    { appliesTo: [{ coding: [{ code: 'a' }] }], low: { value: i } },
    { appliesTo: [{ coding: [{ code: 'b' }] }], low: { value: 10 - i } },
  ],
});

const of = (id: string) => ({ definition: `http://maxray.example/SearchParameter/${id}` });
const OBSERVATION = { base: ['Observation'] };
const PARAMETERS: Record<string, object> = {
  'contact-name': {},
  marital: { type: 'token', expression: 'Patient.maritalStatus' },
  'birth-order': { type: 'number', expression: '(Patient.multipleBirth as integer)' },
  measure: { type: 'number', expression: "Patient.extension('urn:ext:number').value.as(decimal)" },
  weight: { type: 'quantity', expression: "Patient.extension.where(url = 'urn:ext:weight').value" },
  homepage: { type: 'uri', expression: "Patient.extension('urn:ext:site').value.as(uri)" },
  // As US Core has them: only some types of a choice have the element, or the choice is named as in JSON.
  race: { type: 'token', expression: "Patient.extension.where(url = 'urn:ext:race').extension.value.code" },
  since: { type: 'date', expression: "Patient.extension.where(url = 'urn:ext:since').valueDateTime" },
  photographed: { type: 'date', expression: 'Patient.photo.creation' },
  keeper: { type: 'reference', expression: 'Patient.managingOrganization', target: ['Organization'] },
  first: { type: 'token', expression: "Patient.maritalStatus.coding.where(code.startsWith('m')).first()" },
  loud: { expression: 'Patient.contact.name.select(family.upper())' },
  pictured: { type: 'token', expression: 'Patient.photo.exists()' },
  effect: { ...OBSERVATION, type: 'date', expression: 'Observation.effective' },
  site: { ...OBSERVATION, type: 'token', expression: 'Observation.bodySite' },
  kind: { ...OBSERVATION, type: 'token', expression: 'Observation.code' },
  whom: {
    ...OBSERVATION,
    type: 'reference',
    expression: 'Observation.subject.where(resolve() is Patient)',
    target: ['Patient'],
  },
  applies: { ...OBSERVATION, type: 'token', expression: 'Observation.referenceRange.appliesTo' },
  low: { ...OBSERVATION, type: 'quantity', expression: 'Observation.referenceRange.low' },
  'applies-low': {
    ...OBSERVATION,
    type: 'composite',
    expression: 'Observation.referenceRange',
    component: [
      { ...of('applies'), expression: 'appliesTo' },
      { ...of('low'), expression: 'low' },
    ],
  },
  tongue: {
    base: ['Patient', 'Observation'],
    type: 'token',
    expression: 'Patient.language | Observation.language',
  },
  anyones: { base: ['Resource'], type: 'token', expression: 'Resource.language' },
};

beforeAll(async () => {
  server = await startTestServer();
  client = clientOf(server.url, 8);
  for (let i = 0; i < 5; i++) await put(client, patient(i));
  for (let i = 0; i < 4; i++) await put(client, observation(i));
  for (let i = 0; i < 2; i++)
    await put(client, { resourceType: 'Organization', id: `o${i}`, name: `Org${i}` } as never);
  // Beside each other: each is taken over with what came before.
  await Promise.all(
    Object.entries(PARAMETERS).map(([id, changes]) => put(client, searchParameter(id, changes))),
  );
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const ids = async (query: string) => {
  const answer = await client.send(query);
  return answer.status === 200 ? idsOf(answer) : refusal(answer);
};

test.each([
  'Patient?contact-name=x',
  'Patient?contact-name:missing=true',
  'Patient?_sort=contact-name',
  'Patient?_filter=contact-name co "x"',
  'Observation?whom:Patient.name=x',
  'Observation?subject:Patient.contact-name=x',
  'Patient?_has:Observation:whom:code=x',
  'Patient?_has:Observation:subject:site=x',
  'Patient?_include=Patient:keeper',
  'Patient?_revinclude=Observation:whom',
  'Observation?applies-low=a$1',
  '?_type=Patient&anyones=de',
])('before its index is complete, %s is refused with what to do', async (query) => {
  const answer = await client.send(query);
  expect([answer.status, refusal(answer)]).toEqual([
    400,
    expect.stringMatching(/is not ready: .*POST \$reindex starts or resumes it/),
  ]);
});

test('lenient handling leaves it out, and says so', async () => {
  const { status, text } = await client.send('Patient?contact-name=x', {
    headers: { prefer: 'handling=lenient' },
  });
  const { entry } = JSON.parse(text) as {
    entry: { resource: { resourceType: string }; search: { mode: string } }[];
  };
  expect([status, entry.length]).toEqual([200, 6]);
  const outcome = entry.find(({ search }) => search.mode === 'outcome')!;
  expect(JSON.stringify(outcome)).toContain("'contact-name' of Patient is not ready");
});

test('the CapabilityStatement has only what can be searched by', async () => {
  expect((await codes('Patient')).filter((code) => code in PARAMETERS)).toEqual([]);
});

async function codes(type: string): Promise<string[]> {
  const { rest } = JSON.parse((await client.send('metadata')).text) as {
    rest: [{ resource: { type: string; searchParam: { name: string }[] }[] }];
  };
  return rest[0].resource.find((one) => one.type === type)!.searchParam.map(({ name }) => name);
}

const FINDS: [string, string[]][] = [
  ['Patient?contact-name=contact1', ['p1']],
  ['Patient?contact-name:exact=Contact1', ['p1']],
  ['Patient?contact-name:exact=contact1', []],
  ['Patient?contact-name:contains=tact3', ['p3']],
  ['Patient?contact-name:missing=false', ['p0', 'p1', 'p2', 'p3', 'p4']],
  ['Patient?_sort=-contact-name', ['p4', 'p3', 'p2', 'p1', 'p0']],
  ['Patient?_filter=contact-name co "tact3"', ['p3']],
  ['Patient?marital=urn:m|m2', ['p2']],
  ['Patient?marital:text=marital 3', ['p3']],
  ['Patient?marital:not=m2', ['p0', 'p1', 'p3', 'p4']],
  ['Patient?_sort=-marital', ['p4', 'p3', 'p2', 'p1', 'p0']],
  ['Patient?birth-order=gt2', ['p3', 'p4']],
  ['Patient?measure=2.5', ['p2']],
  ['Patient?_sort=-measure', ['p4', 'p3', 'p2', 'p1', 'p0']],
  ['Patient?weight=20000|http://unitsofmeasure.org|g', ['p2']],
  ['Patient?weight=gt25', ['p3', 'p4']],
  ['Patient?homepage=http://site.example/1', ['p1']],
  ['Patient?homepage:below=http://site.example/', ['p0', 'p1', 'p2', 'p3', 'p4']],
  ['Patient?race=r2', ['p2']],
  ['Patient?race:not=r2', ['p0', 'p1', 'p3', 'p4']],
  ['Patient?race:missing=true', []],
  ['Patient?since=ge2024-01-04', ['p3', 'p4']],
  ['Patient?photographed=2020-01-03', ['p2']],
  ['Patient?photographed:missing=true', ['p3', 'p4']],
  ['Patient?_sort=-photographed', ['p2', 'p1', 'p0', 'p3', 'p4']],
  ['Patient?keeper=Organization/o1', ['p1', 'p3']],
  ['Patient?keeper.name=Org1', ['p1', 'p3']],
  ['Organization?_has:Patient:keeper:marital=m1', ['o1']],
  ['Patient?marital=m1&_include=Patient:keeper', ['p1', 'o1']],
  ['Organization?name=Org1&_revinclude=Patient:keeper', ['o1', 'p1', 'p3']],
  ['Patient?first=m3', ['p3']],
  ['Patient?loud:exact=CONTACT2', ['p2']],
  ['Patient?_sort=-loud&_count=2', ['p4', 'p3']],
  ['Patient?pictured=false', ['p3', 'p4']],
  ['Observation?effect=ge2024-01-03', ['b2', 'b3']],
  ['Observation?_sort=-effect', ['b3', 'b2', 'b1', 'b0']],
  ['Observation?effect:missing=true', []],
  ['Observation?site=site1', ['b1']],
  ['Observation?kind=c1&_sort=-date', ['b3', 'b1']],
  ['Observation?whom=Patient/p1', ['b1']],
  ['Observation?whom:missing=true', ['b3']],
  ['Observation?whom.contact-name=contact1', ['b1']],
  ['Patient?_has:Observation:whom:site=site2', ['p2']],
  ['Observation?low=lt2&_sort=low', ['b0', 'b1']],
  ['Observation?applies-low=a$1', ['b1']],
  ['Observation?applies-low=b$1', []],
  ['Observation?applies-low=b$9', ['b1']],
  ['Patient?tongue=de', ['p0']],
  ['Observation?tongue=de', ['b0', 'b1', 'b2', 'b3']],
  ['?_type=Patient,Observation&tongue=de', ['b0', 'b1', 'b2', 'b3', 'p0']],
  ['?anyones=de', ['b0', 'b1', 'b2', 'b3', 'p0']],
  ['Organization?anyones:missing=true', ['o0', 'o1']],
  ['Observation/$lastn?patient=p1&code=c1&site=site1', ['b1']],
];

describe('when the index is complete', () => {
  beforeAll(async () => {
    await reindex(client);
  });

  test.each(FINDS)('%s finds %j', async (query, expected) => {
    const found = await ids(query);
    const isSorted = query.includes('_sort') || query.includes('clude=');
    expect(isSorted || typeof found === 'string' ? found : [...found].sort()).toEqual(expected);
  });

  test('all of them are in the CapabilityStatement, with references among the includes', async () => {
    expect(await codes('Patient')).toEqual(
      expect.arrayContaining(['contact-name', 'keeper', 'anyones', 'tongue']),
    );
    expect(await codes('Group')).toContain('anyones');
    expect(await codes('Group')).not.toContain('tongue');
    expect((await client.send('metadata')).text).toContain('"Patient:keeper"');
  });

  test('what an expression that must be run cannot serve is refused', async () => {
    expect(await ids('Patient?first:text=x')).toMatch(/cannot be searched by this server/);
    expect(await ids('Patient?_sort=first')).toMatch(/cannot be sorted by 'first'/);
  });

  test('what is contained can be searched by them, too', async () => {
    const contained = [{ resourceType: 'Patient', id: 'in', contact: [{ name: { family: 'Inner' } }] }];
    const observed = { ...observation(0), id: 'with', contained, subject: { reference: '#in' } };
    await put(client, observed);
    expect(await ids('Patient?contact-name=inner&_contained=true')).toEqual(['with']);
    await client.send('Observation/with', { method: 'DELETE' });
  });

  test('pages go on by them', async () => {
    const first = await client.send('Patient?_sort=-contact-name&_count=3');
    const { link } = JSON.parse(first.text) as { link: { relation: string; url: string }[] };
    const next = link.find(({ relation }) => relation === 'next')!.url.split('/fhir/R4/')[1]!;
    expect([idsOf(first), await ids(next)]).toEqual([
      ['p4', 'p3', 'p2'],
      ['p1', 'p0'],
    ]);
  });

  test('a resource with more than an expression can take is stored all the same', async () => {
    await put(client, searchParameter('only', { expression: 'Patient.contact.name.family.single()' }));
    await reindex(client);
    const two = { ...patient(7), contact: [{ name: { family: 'A' } }, { name: { family: 'B' } }] };
    await put(client, two);
    expect(await ids('Patient?only:missing=true')).toEqual(['p7']);
    await client.send('Patient/p7', { method: 'DELETE' });
  });

  test('one that makes too much of a small resource is not used, and says why', async () => {
    const expression = `Patient.contact.name${'.select($this.combine($this))'.repeat(30)}`;
    await put(client, searchParameter('doubling', { expression }));
    await put(client, { ...patient(8), id: 'p8' });
    const { parameters } = reindexReport(await client.send('$reindex'));
    expect(parameters.doubling).toMatchObject({ reason: expect.stringContaining('may make too much') });
    expect(await ids('Patient?doubling=x')).toMatch(/has no search parameter 'doubling'/);
    await client.send('Patient/p8', { method: 'DELETE' });
  });

  test('one that goes is unknown from then on', async () => {
    await client.send('SearchParameter/marital', { method: 'DELETE' });
    expect(await ids('Patient?marital=m1')).toMatch(/has no search parameter 'marital'/);
    expect(await codes('Patient')).not.toContain('marital');
  });

  test('one that a transaction or $meta-add writes is taken over, too', async () => {
    const resource = searchParameter('second-name', { code: 'second-name' });
    const entry = [{ resource, request: { method: 'PUT', url: 'SearchParameter/second-name' } }];
    const body = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await client.send('', { method: 'POST', body })).status).toBe(200);
    expect(await ids('Patient?second-name=x')).toMatch(/is not ready/);
    await reindex(client);
    const parameter = [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }];
    const labelled = await client.send('SearchParameter/second-name/$meta-add', {
      method: 'POST',
      body: { resourceType: 'Parameters', parameter },
    });
    expect([labelled.status, await ids('Patient?second-name=contact4')]).toEqual([200, ['p4']]);
  });
});
