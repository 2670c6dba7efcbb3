import { People } from '../../support/people.ts';
import type { TestServer } from '../../support/server.ts';

/** In small letters, as the index has it. Stands in all that is the patient's, and must be nowhere afterwards. */
export const PLANTED = 'plantedsecretname';
/** The patient; other ids begin with the same letters. */
export const ERASED = 'zz-erased-person';
const OTHER = 'zz-erased-person-2';
const P = { reference: `Patient/${ERASED}`, display: `${PLANTED} Mary` };
const Q = { reference: `Patient/${OTHER}`, display: 'Somebody Else' };
const CODE = { text: `${PLANTED} code`, coding: [{ system: 'http://loinc.org', code: '8867-4' }] };

type Made = { resourceType: string; id: string } & Record<string, unknown>;

/** Resources of the patient alone: all of them go. */
const OWN: readonly Made[] = [
  {
    resourceType: 'Patient',
    id: ERASED,
    name: [{ family: PLANTED, given: ['Mary'] }],
    identifier: [{ system: 'urn:mrn', value: `${PLANTED}-1` }],
    photo: [{ url: 'Binary/zz-photo' }],
  },
  { resourceType: 'Encounter', id: 'zz-encounter', status: 'finished', class: { code: 'AMB' }, subject: P },
  {
    resourceType: 'Observation',
    id: 'zz-observation',
    status: 'final',
    code: CODE,
    subject: P,
    effectiveDateTime: '2024-03-01T10:00:00Z',
    valueQuantity: { value: 6.31, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
    encounter: { reference: 'Encounter/zz-encounter' },
  },
  {
    resourceType: 'Condition',
    id: 'zz-condition',
    subject: P,
    code: CODE,
    note: [{ text: `about ${PLANTED}` }],
  },
  {
    resourceType: 'Communication',
    id: 'zz-communication',
    status: 'completed',
    recipient: [P],
    payload: [{ contentString: PLANTED }],
  },
  { resourceType: 'Task', id: 'zz-task', status: 'requested', intent: 'order', for: P, description: PLANTED },
  { resourceType: 'RelatedPerson', id: 'zz-mother', patient: P, name: [{ family: PLANTED }] },
  { resourceType: 'Person', id: 'zz-person', name: [{ family: PLANTED }], link: [{ target: P }] },
  {
    resourceType: 'Appointment',
    id: 'zz-visit',
    status: 'proposed',
    participant: [{ actor: P, status: 'accepted' }],
    comment: PLANTED,
  },
  {
    resourceType: 'DocumentReference',
    id: 'zz-letter',
    status: 'current',
    subject: P,
    content: [
      {
        attachment: {
          contentType: 'text/plain',
          data: Buffer.from(`${PLANTED} ${PLANTED} ${PLANTED}`).toString('base64'),
        },
      },
      { attachment: { contentType: 'image/png', url: 'Binary/zz-scan' } },
      { attachment: { contentType: 'image/png', url: 'Binary/zz-leaflet' } },
    ],
  },
  {
    resourceType: 'Provenance',
    id: 'zz-provenance',
    recorded: '2024-03-01T10:00:00Z',
    target: [{ reference: 'Observation/zz-observation', display: PLANTED }],
    agent: [{ who: { display: 'somebody' } }],
  },
  {
    resourceType: 'Bundle',
    id: 'zz-document',
    type: 'collection',
    entry: [
      {
        fullUrl: 'urn:uuid:3f6d29b4-5c1c-4f0e-8f0a-0e6bb2a40d11',
        resource: { resourceType: 'Basic', code: CODE, subject: P },
      },
    ],
  },
];

/** What goes with it though it has no link of its own. */
export const GONE = [
  ...OWN.map(({ resourceType, id }) => `${resourceType}/${id}`),
  'Observation/zz-deleted',
  'Binary/zz-photo',
  'Binary/zz-scan',
  'Binary/zz-context',
  'User/zz-user',
  'ProjectMembership/zz-user',
];

/** Resources of others as well: they stay, without the patient. */
const SHARED: readonly Made[] = [
  { resourceType: 'Patient', id: OTHER, name: [{ family: 'Else' }], link: [{ other: P, type: 'seealso' }] },
  {
    resourceType: 'Group',
    id: 'zz-group',
    type: 'person',
    actual: true,
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${PLANTED}</div>` },
    member: [{ entity: P, period: { start: '2020' } }, { entity: Q }],
  },
  {
    resourceType: 'List',
    id: 'zz-list',
    status: 'current',
    mode: 'working',
    entry: [
      { item: P },
      { item: Q },
      { item: { reference: 'Observation/zz-observation', display: PLANTED } },
    ],
  },
  {
    resourceType: 'Appointment',
    id: 'zz-together',
    status: 'proposed',
    participant: [
      { actor: P, status: 'accepted' },
      { actor: Q, status: 'accepted' },
    ],
  },
  { resourceType: 'Device', id: 'zz-device', patient: P, serialNumber: '1.50' },
  {
    resourceType: 'AuditEvent',
    id: 'zz-event',
    type: { code: 'x' },
    recorded: '2024-03-01T10:00:00Z',
    agent: [{ requestor: true, who: P, name: PLANTED }],
    source: { observer: { display: 'app' } },
    entity: [{ what: P, name: PLANTED, description: PLANTED }],
  },
  {
    resourceType: 'Media',
    id: 'zz-poster',
    status: 'completed',
    subject: Q,
    content: { url: 'Binary/zz-leaflet' },
  },
  {
    resourceType: 'Practitioner',
    id: 'zz-doctor',
    extension: [{ url: 'http://example.org/treats', valueReference: P }],
    name: [{ family: 'Doctor' }],
  },
  {
    resourceType: 'Observation',
    id: 'zz-others',
    status: 'final',
    code: { text: 'theirs' },
    subject: Q,
    valueString: 'Patient/elsewhere',
  },
];

/** Stores a patient in every place where one can be. */
export async function plant(server: TestServer): Promise<void> {
  const send = async (
    method: 'put' | 'delete' | 'post',
    path: string,
    body?: unknown,
    type = 'application/fhir+json',
  ) => {
    const request = server.api()[method](path).set('Content-Type', type);
    const answer = await (body === undefined
      ? request
      : request.send(Buffer.isBuffer(body) ? body : JSON.stringify(body)));
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  const put = (resource: Made) => send('put', `/${resource.resourceType}/${resource.id}`, resource);
  const bytes = Buffer.from(`not really an image of ${PLANTED}`);
  for (const id of ['zz-photo', 'zz-scan']) await send('put', `/Binary/${id}`, bytes, 'image/png');
  await send('put', '/Binary/zz-leaflet', Buffer.from('a leaflet for everybody'), 'image/png');
  await put({
    resourceType: 'Binary',
    id: 'zz-context',
    contentType: 'text/plain',
    securityContext: { reference: `Patient/${ERASED}` },
    data: Buffer.from(`${PLANTED} ${PLANTED} ${PLANTED}`).toString('base64'),
  });
  for (const resource of [...SHARED, ...OWN]) {
    await put(resource);
    await put({ ...resource, language: 'en' });
  }
  await put({ ...OWN[2]!, id: 'zz-deleted' });
  await send('delete', '/Observation/zz-deleted');
  // Written to the wrong patient at first.
  await put({ ...OWN[2]!, id: 'zz-misfiled' });
  await put({
    resourceType: 'Observation',
    id: 'zz-misfiled',
    status: 'final',
    subject: Q,
    code: { text: 'theirs' },
  });
}

/** Signs the patient in, who reads what is there. @returns the value of the header Authorization */
export async function signPatientIn(server: TestServer): Promise<string> {
  const people = new People(server);
  await people.prepare();
  await people.policy('own', [{ resourceType: 'Patient', criteria: `Patient?_id=${ERASED}` }]);
  const person = await people.person('zz-user', { profile: P.reference, policies: ['own'] });
  await people.put({
    resourceType: 'ProjectMembership',
    id: 'zz-user',
    project: { reference: 'Project/maxray' },
    user: { reference: 'User/zz-user', display: PLANTED },
    userName: PLANTED,
    profile: P,
    access: [{ policy: { reference: 'AccessPolicy/own' } }],
  });
  const authorization = await people.authorization(person);
  const answer = await server.api().get(`/Patient/${ERASED}`).set('Authorization', authorization);
  if (answer.status !== 200) throw new Error(`the patient reads: ${answer.status}`);
  return authorization;
}
