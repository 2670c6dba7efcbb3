import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { People, type Person } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let people: People;
let doctor: Person;
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare('maxray-doctor');
  await people.put({ resourceType: 'Practitioner', id: 'doc', name: [{ family: 'Okafor' }] });
  for (const id of ['ann', 'ben']) {
    await people.put({ resourceType: 'Patient', id });
    await people.put({
      resourceType: 'Encounter',
      id: `visit-${id}`,
      status: 'in-progress',
      class: { code: 'AMB' },
      subject: { reference: `Patient/${id}` },
      participant: [{ individual: { reference: 'Practitioner/doc' } }],
    });
  }
  doctor = await people.person('doc', { profile: 'Practitioner/doc', policies: ['maxray-doctor'] });
});
afterAll(() => server.stop());

async function launched(context: Record<string, string>) {
  return server
    .api()
    .post('/ClientApplication/first-party-app/$smart-launch')
    .query(context)
    .set('Authorization', await people.authorization(doctor));
}

test('an app is launched for the visit of a patient', async () => {
  const { status } = await launched({ patient: 'ann', encounter: 'visit-ann' });
  expect(status).toBe(200);
});

test('not for one patient and the visit of another', async () => {
  const { status, text } = await launched({ patient: 'ann', encounter: 'visit-ben' });
  expect([status, text]).toEqual([422, expect.stringContaining('The encounter is of another patient')]);
});

test('a visit alone brings its patient along', async () => {
  const { body } = await launched({ encounter: 'visit-ben' });
  const [{ valueString: launch }] = (body as { parameter: [{ valueString: string }] }).parameter;
  const answer = await people.tokens(doctor, 'launch patient/*.rs', { launch });
  expect(answer).toMatchObject({ patient: 'ben', encounter: 'visit-ben' });
});
