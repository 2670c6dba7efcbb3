import type { Random } from './random.ts';
import { setBody, TOKEN_PLACE } from './request.ts';
import type { WireRequest } from './request.ts';

/** Ids that the requests aim at: some are there from the start, all are written again and again. */
export const IDS = Array.from({ length: 24 }, (_, i) => `target-${i}`);

export const patient = (id: string) => ({
  resourceType: 'Patient',
  id,
  meta: { tag: [{ system: 'urn:tag', code: 'mutant' }] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Jürgen 患者</div>' },
  extension: [{ url: 'http://example.org/height', valueDecimal: 1.5 }],
  identifier: [{ system: 'urn:mrn', value: `mrn-${id}` }],
  active: true,
  name: [{ family: 'Müller', given: ['Ann', 'O’Hara'], _given: [null, { id: 'b' }] }],
  birthDate: '1970-03-30',
  managingOrganization: { reference: 'Organization/1' },
});

export const observation = (id: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'Heart rate' },
  subject: { reference: `Patient/${IDS[0]}` },
  effectiveDateTime: '2020-02-29T12:00:00.123+01:00',
  valueQuantity: { value: 72.5, unit: 'beats/minute', system: 'http://unitsofmeasure.org', code: '/min' },
  component: [{ code: { text: 'a' }, valuePeriod: { start: '2020', end: '2021-06' } }],
});

const questionnaireResponse = (id: string) => ({
  resourceType: 'QuestionnaireResponse',
  id,
  status: 'completed',
  item: [{ linkId: '1', answer: [{ valueInteger: 3 }], item: [{ linkId: '1.1', text: 'x' }] }],
});

const binary = (id: string) => ({
  resourceType: 'Binary',
  id,
  contentType: 'text/plain',
  securityContext: { reference: `Patient/${id}` },
  data: 'aGVsbG8=',
});

const transaction = (random: Random) => ({
  resourceType: 'Bundle',
  type: random.pick(['transaction', 'batch']),
  entry: [
    {
      fullUrl: 'urn:uuid:3e7c0f4e-5d3f-4cf0-9d7f-0f5d6c1b9a10',
      resource: patient('x'),
      request: { method: 'POST', url: 'Patient' },
    },
    {
      resource: {
        ...observation('y'),
        subject: { reference: 'urn:uuid:3e7c0f4e-5d3f-4cf0-9d7f-0f5d6c1b9a10' },
      },
      request: { method: 'POST', url: 'Observation' },
    },
    { resource: patient(IDS[1]!), request: { method: 'PUT', url: `Patient/${IDS[1]}` } },
    { request: { method: 'GET', url: `Patient/${IDS[0]}` } },
    { request: { method: 'DELETE', url: `Patient/${random.pick(IDS)}` } },
  ],
});

const READS = [
  'Patient/ID',
  'Patient/ID/_history',
  'Patient/ID/_history/1',
  'Patient/_history?_count=5&_since=2020-01-01',
  '_history?_count=5',
  'Patient?name=Mull&_count=5',
  'Patient?identifier=urn:mrn|mrn-ID&active=true',
  'Patient?family:exact=M%C3%BCller,Ann',
  'Observation?code=http://loinc.org|8867-4&subject=Patient/ID',
  'Observation?patient=ID&status=final&_format=json',
  'Binary/ID',
  'metadata?_pretty=true',
];

/** A good request of any kind that the server knows, to start a mutation from. */
export function baseRequest(random: Random, bodyNeeded: boolean): WireRequest {
  const id = random.pick(IDS);
  const plain = (method: string, path: string, body?: object | Buffer, type = 'application/fhir+json') => {
    const target = `/fhir/R4/${path.replaceAll('ID', id)}`;
    const raw = path.startsWith('Binary') && random.oneIn(2);
    const headers: [string, string][] = [
      ['Host', 'localhost'],
      ['Authorization', TOKEN_PLACE],
      ['Connection', 'close'],
      ['Accept', raw ? '*/*' : 'application/fhir+json'],
    ];
    const request: WireRequest = { method, target, headers, body: Buffer.alloc(0) };
    if (body === undefined) return request;
    headers.push(['Content-Type', type]);
    return setBody(request, Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));
  };
  const withBody = () =>
    random.pick([
      () => plain('PUT', 'Patient/ID', patient(id)),
      () => plain('PUT', 'Observation/ID', observation(id)),
      () => plain('POST', 'Observation', observation(id)),
      () => plain('POST', 'QuestionnaireResponse', questionnaireResponse(id)),
      () => plain('POST', '', transaction(random)),
      () => plain('PUT', 'Binary/ID', binary(id)),
      () => plain('PUT', 'Binary/ID', random.bytes(200), 'application/octet-stream'),
      () =>
        plain('POST', 'Patient/_search', Buffer.from('name=a&_count=2'), 'application/x-www-form-urlencoded'),
    ])();
  if (bodyNeeded || random.oneIn(2)) return withBody();
  if (random.oneIn(8)) return plain('DELETE', random.pick(['Patient/ID', 'Observation/ID', 'Binary/ID']));
  return plain(random.oneIn(8) ? 'HEAD' : 'GET', random.pick(READS));
}
