import { beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../../audit/support.ts';
import { auditedServer } from './support.ts';

const { api, logged, log } = auditedServer();

interface AuditEvent {
  id: string;
  subtype: { code: string }[];
  entity?: { what?: { reference?: string }; query?: string }[];
}
interface Entry {
  fullUrl: string;
  resource: AuditEvent;
}
interface Bundle {
  total?: number;
  entry?: Entry[];
  link: { relation: string; url: string }[];
}

const search = async (query: string) => (await api().get(`/AuditEvent?${query}`).expect(200)).body as Bundle;
const subtypes = ({ entry = [] }: Bundle) => entry.map(({ resource }) => resource.subtype[0]!.code);
const pathOf = (bundle: Bundle, relation: string) =>
  bundle.link.find((link) => link.relation === relation)?.url.replace(/^.*\/fhir\/R4/, '');

beforeAll(async () => {
  await logged('get', '/Patient/p2', 200);
  await logged('get', '/Observation/o2', 200);
  await logged('get', '/Observation/not-there', 404);
});

describe('the log', () => {
  test.each([
    ['patient=Patient/p2', ['read', 'read', 'update', 'update']],
    ['entity=Observation/o2', ['read', 'update']],
    ['patient=p2&action=U&_sort=date', ['update', 'update']],
    ['outcome=4', ['read']],
    ['subtype=read&patient=p2&agent:identifier=test-administrator', ['read', 'read']],
    ['patient=p2&date=lt2020-01-01', []],
    ['patient=p2&type=http://dicom.nema.org/resources/ontology/DCM|110106', []],
  ])('is searched: %s', async (query, codes) => {
    expect(subtypes(await search(query))).toEqual(codes);
  });

  test('is searched by compartment, by POST, in a batch, and counted', async () => {
    const compartment = await api().get('/Patient/p2/AuditEvent?subtype=read').expect(200);
    expect(subtypes(compartment.body as Bundle)).toEqual(['read', 'read']);
    const posted = await api().post('/AuditEvent/_search').type('form').send('patient=p2').expect(200);
    expect(subtypes(posted.body as Bundle)).toHaveLength(4);
    const entry = [{ request: { method: 'GET', url: 'AuditEvent?patient=p2&subtype=update' } }];
    const batch = await api().post('/').send({ resourceType: 'Bundle', type: 'batch', entry }).expect(200);
    expect(subtypes((batch.body as { entry: { resource: Bundle }[] }).entry[0]!.resource)).toHaveLength(2);
    expect(await search('patient=p2&_summary=count')).toMatchObject({ total: 4 });
    expect(await search('patient=p2&_count=1&_total=accurate')).toMatchObject({ total: 4 });
    expect(await search('patient=p2')).toMatchObject({ total: 4 });
    for (const more of ['_count=1', '_total=none'])
      expect(await search(`patient=p2&${more}`)).not.toHaveProperty('total');
  });

  test('comes in pages that neither lose nor repeat', async () => {
    const ids: string[] = [];
    let bundle = await search('patient=p2&_count=1');
    for (;;) {
      ids.push(...(bundle.entry ?? []).map(({ resource }) => resource.id));
      const next = pathOf(bundle, 'next');
      if (next === undefined) break;
      bundle = (await api().get(next).expect(200)).body as Bundle;
    }
    expect(ids).toEqual((await search('patient=p2')).entry!.map(({ resource }) => resource.id));
    expect(new Set(ids).size).toBe(4);
  });

  test('a record is read by the URL that the search gives, and is version 1', async () => {
    const [{ fullUrl, resource }] = (await search('entity=Observation/o2&subtype=read')).entry! as [Entry];
    expect(resource.id).toMatch(/^audit-\d+$/);
    const read = await api().get(`/AuditEvent/${resource.id}`).expect(200);
    expect(fullUrl).toMatch(new RegExp(`/fhir/R4/AuditEvent/${resource.id}$`));
    expect(read.body).toEqual(resource);
    expect(read.headers.etag).toBe('W/"1"');
    expect((await api().get(`/AuditEvent/${resource.id}/_history/1`).expect(200)).body).toEqual(resource);
    await api().get(`/AuditEvent/${resource.id}/_history/2`).expect(404);
    await api().get('/AuditEvent/audit-999999999').expect(404);
    const valid = await api().post('/AuditEvent/$validate').send(resource).expect(200);
    const issues = (valid.body as { issue: { severity: string }[] }).issue;
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('using it is recorded as that', async () => {
    expect(await logged('get', '/AuditEvent?patient=p2', 200)).toMatchObject([
      { event: 'audit-used', outcome: 0, query: 'AuditEvent?patient=p2', resources: [] },
    ]);
    const [{ resource }] = (await search('patient=p2')).entry! as [Entry];
    expect(await logged('get', `/AuditEvent/${resource.id}`, 200)).toMatchObject([
      { event: 'audit-used', resources: [`AuditEvent/${resource.id}`] },
    ]);
  });

  test.each([
    'source=x',
    '_include=AuditEvent:patient',
    '_sort=action',
    'entity-name=x',
    'patient.name=x',
    'site:missing=true',
    '_explain=true',
  ])('is not searched by %s', async (query) => {
    const answer = await api().get(`/AuditEvent?${query}`).expect(400);
    expect(answer.body).toMatchObject({ issue: [{ code: 'not-supported' }] });
  });

  test('nobody writes under an id of its own form, or deletes what is there', async () => {
    const [{ resource }] = (await search('patient=p2&subtype=update')).entry! as [Entry];
    await api().put(`/AuditEvent/${resource.id}`).send(resource).expect(422);
    await api()
      .put('/AuditEvent/audit-99999')
      .send({ ...resource, id: 'audit-99999' })
      .expect(422);
    await api().delete(`/AuditEvent/${resource.id}`).expect(422);
    const entry = [{ resource, request: { method: 'PUT', url: `AuditEvent/${resource.id}` } }];
    await api().post('/').send({ resourceType: 'Bundle', type: 'transaction', entry }).expect(422);
    expect((await api().get(`/AuditEvent/${resource.id}`).expect(200)).body).toEqual(resource);
  });
});

test('AuditEvents that clients store are resources, apart from the log', async () => {
  const own = {
    resourceType: 'AuditEvent',
    meta: { tag: [{ system: 'urn:t', code: 'theirs' }] },
    type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110106' },
    recorded: '2026-01-01T00:00:00Z',
    agent: [{ requestor: true, who: { reference: 'Patient/p2' } }],
    source: { observer: { display: 'a device' } },
  };
  const { body } = await api().post('/AuditEvent').send(own).expect(201);
  const { id } = body as { id: string };
  await api().get(`/AuditEvent/${id}`).expect(200);
  const tagged = await search('_tag=urn:t|theirs');
  expect(tagged.entry!.map(({ resource }) => resource.id)).toEqual([id]);
  expect((await search(`_id=${id}`)).entry!.map(({ resource }) => resource.id)).toEqual([id]);
  const ofLog = await search('patient=p2&_count=1000');
  expect(ofLog.entry!.every(({ resource }) => resource.id.startsWith('audit-'))).toBe(true);
});

test('an access report says who saw and changed what, in pages', async () => {
  const [first] = await logged('get', '/Observation?_id=o1,o2', 200);
  expect(first!.patients.toSorted()).toEqual(['p1', 'p2']);
  const report = (await api().get('/Patient/p1/$access-report').expect(200)).body as Bundle;
  expect(subtypes(report)).toEqual(['search-type', 'update', 'update', 'update']);
  const one = (await api().get('/Patient/p1/$access-report?_count=1').expect(200)).body as Bundle;
  expect(one.entry).toHaveLength(1);
  const next = (await api().get(pathOf(one, 'next')!).expect(200)).body as Bundle;
  expect(subtypes(next)).toEqual(['update']);
  const old = await api().get('/Patient/p1/$access-report?end=2020').expect(200);
  expect((old.body as Bundle).entry ?? []).toEqual([]);
  await api().get('/Patient/p1/$access-report?start=2021&end=2020').expect(400);
  await until(
    async () =>
      (await log().all())
        .filter(({ event }) => event === 'audit-used')
        .some(({ patients }) => patients.includes('p1')),
    'the report itself is recorded with the patient',
  );
});
