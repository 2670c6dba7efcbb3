import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle, Parameters, Task } from '@medplum/fhirtypes';
import { demoUsers } from '@maxray/seed';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { People, type Person } from '../../support/people.ts';
import { until } from '../../support/program.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { FHIR, fhir } from '../support.ts';

const CODES = 'http://terminology.hl7.org/CodeSystem';
const REASON = 'Unconscious after a traffic accident, allergies unknown';
const BREAKERS = ['maxray-doctor', 'maxray-nurse', 'maxray-paramedic'];

let server: TestServer;
let other: TestServer;
let people: People;
let doctor: Person;
/** Of the doctor, in two apps. */
let first: string;
let second: string;
let ann: string;

beforeAll(async () => {
  const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
  server = await startTestServer({ databaseSchema, roles: true });
  other = await startTestServer({ databaseSchema, publicUrl: server.url });
  people = new People(server);
  await people.prepare();
  await people.put({ resourceType: 'Practitioner', id: 'doc' });
  for (const id of ['ann', 'ben']) {
    await people.put({ resourceType: 'Patient', id, active: true });
    const subject = { reference: `Patient/${id}` };
    await people.put({
      resourceType: 'Observation',
      id: `of-${id}`,
      status: 'final',
      code: { text: 'x' },
      subject,
    });
  }
  await people.put({
    resourceType: 'Consent',
    id: 'of-ann',
    status: 'active',
    scope: { coding: [{ system: `${CODES}/consentscope`, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/ann' },
    policyRule: { coding: [{ system: `${CODES}/v3-ActCode`, code: 'OPTOUT' }] },
  });
  doctor = await people.person('doc', { profile: 'Practitioner/doc', policies: ['maxray-doctor'] });
  first = await people.authorization(doctor);
  second = await people.authorization(doctor);
  ann = await people.authorization(
    await people.person('ann', { profile: 'Patient/ann', policies: ['maxray-patient'] }),
  );
});
afterAll(async () => {
  await other.stop();
  await server.stop();
});

const as = (authorization: string, at = server) =>
  request.agent(`${at.url}/fhir/R4`).set('Authorization', authorization);
const call = (authorization: string, path: string, parameters: Record<string, string> = {}) => {
  const parameter = Object.entries(parameters).map(([name, valueString]) => ({ name, valueString }));
  return as(authorization)
    .post(path)
    .set('Content-Type', FHIR)
    .send(fhir({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }));
};
const open = (authorization: string, id = 'ann', reason = REASON) =>
  call(authorization, `/Patient/${id}/$break-glass`, { reason });
const end = (authorization: string, parameters = {}) =>
  call(authorization, '/Patient/ann/$end-break-glass', parameters);
const reading = async (authorization: string, path: string, at = server) =>
  (await as(authorization, at).get(path)).status;
const valueOf = ({ parameter = [] }: Parameters, name: string) => {
  const found = parameter.find((one) => one.name === name);
  return found?.valueString ?? found?.valueInstant ?? found?.valueReference?.reference;
};
const events = async (query: string): Promise<AuditEvent[]> => {
  const { body } = await server.api().get(`/AuditEvent?${query}`).expect(200);
  return ((body as Bundle).entry ?? []).map(({ resource }) => resource as AuditEvent);
};

describe('a record that is opened in an emergency', () => {
  let opened: Parameters;
  beforeAll(async () => {
    expect(await reading(first, '/Observation/of-ann')).toBe(404);
    const answer = await open(first);
    expect([answer.status, answer.body.issue]).toEqual([200, undefined]);
    opened = answer.body as Parameters;
  });

  test('is open for an hour, to all tokens of the user, on every server, beyond policy and Consent', async () => {
    const [started, expires] = ['started', 'expires'].map((name) => Date.parse(valueOf(opened, name)!));
    expect(expires! - started!).toBe(3_600_000);
    for (const token of [first, second]) {
      expect(await reading(token, '/Observation/of-ann')).toBe(200);
      expect(await reading(token, '/Patient/ann')).toBe(200);
      const { body } = await as(token).get('/Observation?_total=accurate').expect(200);
      expect(body).toMatchObject({ total: 1, entry: [{ resource: { id: 'of-ann' } }] });
    }
    await until(
      async () => (await reading(second, '/Observation/of-ann', other)) === 200,
      'the other server heard of it',
    );
  });

  test('is that record alone, and only to be read', async () => {
    expect(await reading(first, '/Observation/of-ben')).toBe(404);
    expect(await reading(first, '/Patient/ben')).toBe(404);
    const observation = {
      ...{ resourceType: 'Observation', id: 'of-ann', status: 'amended', code: { text: 'y' } },
      subject: { reference: 'Patient/ann' },
    };
    const put = await as(first).put('/Observation/of-ann').set('Content-Type', FHIR).send(fhir(observation));
    expect(put.status).toBe(403);
    await as(first).delete('/Observation/of-ann').expect(403);
  });

  test('is bound by the scopes of each app', async () => {
    const narrow = await people.authorization(doctor, 'openid fhirUser user/Patient.rs');
    expect(await reading(narrow, '/Patient/ann')).toBe(200);
    expect(await reading(narrow, '/Observation/of-ann')).toBe(403);
  });

  test('is opened by no app that may read nothing', async () => {
    const { status } = await open(await people.authorization(doctor, 'openid fhirUser'), 'ben');
    expect(status).toBe(403);
  });

  test('raises an alert: a task that administrators find, and the user neither sees nor changes', async () => {
    const { body } = await server.api().get('/Task?code=break-glass-review&patient=ann').expect(200);
    const tasks = ((body as Bundle).entry ?? []).map(({ resource }) => resource as Task);
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({
      status: 'requested',
      priority: 'urgent',
      for: { reference: 'Patient/ann' },
      description: REASON,
      input: [{ valueString: expect.stringContaining('User/doc') }, {}],
    });
    expect(await reading(first, `/Task/${tasks[0]!.id}`)).toBe(404);
  });

  test('marks all that is done with it in the audit log, for administrators and the patient', async () => {
    await as(first).get('/Observation/of-ann').expect(200);
    await until(async () => {
      const all = await events('patient=Patient/ann&_count=200');
      const isMarked = ({ purposeOfEvent = [] }: AuditEvent) =>
        purposeOfEvent.some(({ coding = [] }) => coding.some(({ code }) => code === 'BTG'));
      const reads = all.filter(({ subtype }) => subtype?.[0]?.code === 'read').filter(isMarked);
      return reads.length > 0 && all.some(({ subtype }) => subtype?.[0]?.code === '110127');
    }, 'the log has it');
    const { body } = await as(ann).get('/Patient/ann/$access-report').expect(200);
    expect(JSON.stringify(body)).toContain(REASON);
    const others = await events('patient=Patient/ben&_count=200');
    expect(JSON.stringify(others)).not.toContain(REASON);
  });

  test('is told to administrators, and to nobody else', async () => {
    const { body } = await server.api().get('/$break-glass-list?open=true').expect(200);
    const [listed] = (body as Parameters).parameter!.map(
      ({ part = [] }) => ({ parameter: part }) as Parameters,
    );
    expect(['user', 'patient', 'reason'].map((name) => valueOf(listed!, name))).toEqual([
      'User/doc',
      'Patient/ann',
      REASON,
    ]);
    for (const token of [first, ann]) expect(await reading(token, '/$break-glass-list')).toBe(403);
  });

  test('is closed again by the user, on every server', async () => {
    const { body } = await end(second).expect(200);
    expect((body as Parameters).parameter).toHaveLength(1);
    expect(await reading(first, '/Observation/of-ann')).toBe(404);
    await until(
      async () => (await reading(second, '/Observation/of-ann', other)) === 404,
      'the other server heard of it',
    );
    const again = await end(second).expect(200);
    expect((again.body as Parameters).parameter).toBeUndefined();
    const open = await server.api().get('/$break-glass-list?open=true').expect(200);
    expect((open.body as Parameters).parameter).toBeUndefined();
  });

  test('or by an administrator', async () => {
    await open(first).expect(200);
    const { body } = await call(server.authorization, '/Patient/ann/$end-break-glass', { user: 'User/doc' });
    expect((body as Parameters).parameter).toHaveLength(1);
    expect(await reading(first, '/Observation/of-ann')).toBe(404);
  });

  test('and by the loss of what allows it', async () => {
    await open(first).expect(200);
    const policy = (await server.api().get('/AccessPolicy/maxray-doctor').expect(200)).body as { id: string };
    await people.put({ ...policy, extension: undefined } as never);
    expect(await reading(first, '/Observation/of-ann')).toBe(404);
    await open(first).expect(403);
    await people.put(policy as never);
    expect(await reading(first, '/Observation/of-ann')).toBe(200);
    await end(first).expect(200);
  });
});

describe('asking for it', () => {
  test.each([
    ['no reason', {}, 400],
    ['one that says nothing', { reason: ' emergency'.slice(0, 8) }, 400],
    ['white space', { reason: ' '.repeat(50) }, 400],
    ['one too long', { reason: 'x'.repeat(1_001) }, 400],
    ['another purpose', { reason: REASON, purpose: 'TREAT' }, 400],
    ['a parameter that there is not', { reason: REASON, minutes: '600' }, 400],
  ] as const)('%s opens nothing', async (_, parameters, status) => {
    const answer = await call(first, '/Patient/ann/$break-glass', parameters);
    expect(answer.status).toBe(status);
    expect(await reading(first, '/Patient/ann')).toBe(404);
  });

  test('takes POST', async () => {
    expect(await reading(first, `/Patient/ann/$break-glass?reason=${encodeURIComponent(REASON)}`)).toBe(405);
  });

  test('is answered for a patient whom there is not as a read is', async () => {
    for (const id of ['nobody', 'not_an_id']) {
      const [asked, read] = [await open(first, id), await as(first).get(`/Patient/${id}`)];
      expect([asked.status, asked.body]).toEqual([read.status, read.body]);
    }
  });

  test.each(demoUsers().map(({ policy }) => policy))('as %s', async (policy) => {
    const id = `u-${policy}`;
    const profile = policy === 'maxray-patient' ? 'Patient/ben' : 'Practitioner/doc';
    const token = await people.authorization(await people.person(id, { profile, policies: [policy] }));
    const mayDo = BREAKERS.includes(policy);
    expect([policy, (await open(token)).status]).toEqual([policy, mayDo ? 200 : 403]);
    // Whoever may not learns nothing of which patients there are.
    expect([policy, (await open(token, 'nobody')).status]).toEqual([policy, mayDo ? 404 : 403]);
    expect([policy, (await end(token)).status]).toEqual([policy, mayDo ? 200 : 403]);
  });

  test('a client that is nobody is refused, whatever its policy', async () => {
    const client = await people.client('app', { profile: 'Practitioner/doc', policies: ['maxray-doctor'] });
    expect((await open(client)).status).toBe(403);
  });

  test('nobody ends what is open to others', async () => {
    await open(first).expect(200);
    const nurse = await people.authorization(
      await people.person('nurse', { profile: 'Practitioner/doc', policies: ['maxray-nurse'] }),
    );
    await end(nurse, { user: 'User/doc' }).expect(403);
    await end(nurse).expect(200);
    expect(await reading(first, '/Observation/of-ann')).toBe(200);
    await end(first).expect(200);
  });

  test('again and again within an hour is refused in the end, and alerts once while it is open', async () => {
    const hasty = await people.authorization(
      await people.person('hasty', { profile: 'Practitioner/doc', policies: ['maxray-paramedic'] }),
    );
    const statuses = [];
    for (let i = 0; i < 21; i++) statuses.push((await open(hasty, 'ben')).status);
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 200), 429]);
    const { body } = await server
      .api()
      .get('/Task?code=break-glass-review&patient=ben&_total=accurate')
      .expect(200);
    expect((body as Bundle).total).toBe(1);
  });
});

test('who has opened a record, and why, goes with a patient who is erased', async () => {
  const { body } = await call(server.authorization, '/Patient/ben/$erase', { reason: 'asked by letter' });
  expect(body).toMatchObject({ resourceType: 'DocumentReference' });
  const listed = await server.api().get('/$break-glass-list').expect(200);
  expect(JSON.stringify(listed.body)).toContain('Patient/ann');
  expect(JSON.stringify(listed.body)).not.toContain('Patient/ben');
  const { total } = (await server.api().get('/Task?code=break-glass-review&_total=accurate')).body as Bundle;
  expect(total).toBeGreaterThan(0);
});
