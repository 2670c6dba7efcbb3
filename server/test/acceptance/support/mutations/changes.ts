import { IDS, observation, patient } from './base.ts';
import type { Random } from './random.ts';
import { setBody, type WireRequest, TOKEN_PLACE } from './request.ts';

const FHIR_JSON = 'application/fhir+json';
const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';

const criteria = (random: Random) => {
  const id = random.pick(IDS);
  return random.pick([
    `identifier=urn:mrn|mrn-${id}`,
    `identifier=mrn-${id}`,
    `_id=${id}`,
    `identifier=mrn-${id}&name=Mull`,
    `family:exact=M%C3%BCller&_id=${id}`,
    `_filter=identifier eq mrn-${id}`,
  ]);
};

const jsonPatch = (random: Random) =>
  random.pick<object[]>([
    [{ op: 'add', path: '/gender', value: 'female' }],
    [{ op: 'replace', path: '/active', value: random.oneIn(2) }],
    [
      { op: 'test', path: '/active', value: true },
      { op: 'remove', path: '/birthDate' },
    ],
    [{ op: 'copy', from: '/name/0', path: '/name/-' }],
    [{ op: 'move', from: '/name', path: '/contact' }],
  ]);

const part = (name: string, value: object) => ({ name, ...value });
const fhirPathPatch = (random: Random) => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: random.pick([
        [
          part('type', { valueCode: 'replace' }),
          part('path', { valueString: 'Patient.active' }),
          part('value', { valueBoolean: false }),
        ],
        [part('type', { valueCode: 'delete' }), part('path', { valueString: 'Patient.birthDate' })],
        [
          part('type', { valueCode: 'add' }),
          part('path', { valueString: 'Patient' }),
          part('name', { valueString: 'gender' }),
          part('value', { valueCode: 'male' }),
        ],
        [
          part('type', { valueCode: 'insert' }),
          part('path', { valueString: 'Patient.name' }),
          part('index', { valueInteger: 0 }),
          part('value', { valueHumanName: { family: 'First' } }),
        ],
      ]),
    },
  ],
});

const binary = (patch: object, contentType: string) => ({
  resourceType: 'Binary',
  contentType,
  data: Buffer.from(JSON.stringify(patch)).toString('base64'),
});

type MakeEntry = (random: Random, i: number) => object;

const ENTRIES: readonly MakeEntry[] = [
  (_random, i) => ({
    fullUrl: `urn:uuid:00000000-0000-4000-8000-00000000000${i}`,
    resource: { ...patient('x'), identifier: [{ system: 'urn:mrn', value: `new-${i}` }] },
    request: { method: 'POST', url: 'Patient' },
  }),
  (random, i) => ({
    fullUrl: `urn:uuid:00000000-0000-4000-8000-00000000000${i}`,
    resource: patient(random.pick(IDS)),
    request: { method: 'POST', url: 'Patient', ifNoneExist: criteria(random) },
  }),
  (random) => ({
    resource: {
      ...observation('y'),
      subject: {
        reference: random.pick([
          `urn:uuid:00000000-0000-4000-8000-00000000000${random.below(5)}`,
          `Patient?${criteria(random)}`,
          `Patient/${random.pick(IDS)}`,
        ]),
      },
    },
    request: { method: 'POST', url: 'Observation' },
  }),
  (random) => {
    const id = random.pick(IDS);
    const condition = random.pick([{}, {}, { ifMatch: `W/"${1 + random.below(4)}"` }, { ifNoneMatch: '*' }]);
    return { resource: patient(id), request: { method: 'PUT', url: `Patient/${id}`, ...condition } };
  },
  (random) => ({
    resource: { ...patient(random.pick(IDS)), id: undefined },
    request: { method: 'PUT', url: `Patient?${criteria(random)}` },
  }),
  (random) => ({
    resource: random.pick([binary(jsonPatch(random), JSON_PATCH), fhirPathPatch(random)]),
    request: {
      method: 'PATCH',
      url: random.pick([`Patient/${random.pick(IDS)}`, `Patient?${criteria(random)}`]),
    },
  }),
  (random) => ({
    request: {
      method: 'DELETE',
      url: random.pick([
        `Observation/${random.pick(IDS)}`,
        `Patient/${random.pick(IDS)}`,
        `Patient?${criteria(random)}`,
      ]),
    },
  }),
  (random) => ({
    request: {
      method: 'GET',
      url: random.pick([
        `Patient/${random.pick(IDS)}`,
        `Patient/${random.pick(IDS)}/_history/1`,
        `Patient?${criteria(random)}`,
      ]),
    },
  }),
];

const bundle = (random: Random) => ({
  resourceType: 'Bundle',
  type: random.oneIn(4) ? 'batch' : 'transaction',
  entry: Array.from({ length: 1 + random.below(6) }, (_, i) => random.pick(ENTRIES)(random, i)),
});

/** A good bundle, patch or conditional request: what writes much, or by conditions. */
export function changeRequest(random: Random): WireRequest {
  const id = random.pick(IDS);
  const patchAt = random.pick([`Patient/${id}`, `Patient?${encodeURI(criteria(random))}`]);
  const send = (
    method: string,
    path: string,
    body: object,
    type = FHIR_JSON,
    more: [string, string][] = [],
  ) => {
    const headers: [string, string][] = [
      ['Host', 'localhost'],
      ['Authorization', TOKEN_PLACE],
      ['Connection', 'close'],
      ['Accept', FHIR_JSON],
      ['Content-Type', type],
      ...more,
    ];
    const request: WireRequest = { method, target: `/fhir/R4/${path}`, headers, body: Buffer.alloc(0) };
    return setBody(request, Buffer.from(JSON.stringify(body)));
  };
  return random.pick([
    () => send('POST', '', bundle(random)),
    () => send('POST', '', bundle(random)),
    () => send('POST', '', bundle(random)),
    () => send('PATCH', patchAt, jsonPatch(random), JSON_PATCH),
    () => send('PATCH', patchAt, fhirPathPatch(random)),
    () => send('PATCH', patchAt, { active: random.oneIn(2), birthDate: null }, MERGE_PATCH),
    () => send('POST', 'Patient', patient(id), FHIR_JSON, [['If-None-Exist', encodeURI(criteria(random))]]),
    () => send('PUT', `Patient?${encodeURI(criteria(random))}`, { ...patient(id), id: undefined }),
  ])();
}
