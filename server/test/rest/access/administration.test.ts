import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { People, type Person } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { FHIR, fhir } from '../support.ts';

let server: TestServer;
let people: People;
let ada: Person;
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare();
  await people.policy('all', [{ resourceType: '*' }]);
  ada = await people.person('ada', { profile: 'Practitioner/ada', policies: ['all'], admin: true });
  await people.put({ resourceType: 'Patient', id: 'ann' });
  await people.put({ resourceType: 'Bot', id: 'some', name: 'Some' });
});
afterAll(() => server.stop());

const DRY_RUN = { resourceType: 'Parameters', parameter: [{ name: 'dryRun', valueBoolean: true }] };
const PASSWORD = {
  resourceType: 'Parameters',
  parameter: [{ name: 'password', valueString: '0123456789abcdef' }],
};
/** What administrators do, whatever type it is about. */
const WORK = [
  ['get', '/fhir/R4/AuditEvent?_count=1'],
  ['get', '/fhir/R4/Patient/ann/$access-report'],
  ['get', '/fhir/R4/$break-glass-list'],
  ['get', '/fhir/R4/$reindex'],
  ['get', '/fhir/R4/Subscription/$dead-letters'],
  ['get', '/fhir/R4/Bot/some/$run-log'],
  ['get', '/fhir/R4/Patient?_explain=true'],
  ['get', '/metrics'],
  ['post', '/fhir/R4/Patient/ann/$erase', DRY_RUN],
] as const;

const statuses = async (authorization: string) => {
  const answers: [string, number][] = [];
  for (const [method, path, body] of WORK) {
    const asked = request(server.url)[method](path).set('Authorization', authorization);
    const { status } = await (body === undefined ? asked : asked.set('Content-Type', FHIR).send(fhir(body)));
    answers.push([path, status]);
  }
  return answers;
};
const all = (status: number) => WORK.map(([, path]) => [path, status]);

describe('an administrator', () => {
  test('administers by an app that may do everything', async () => {
    expect(await statuses(await people.authorization(ada))).toEqual(all(200));
  });

  test.each(['user/Patient.cruds', 'user/*.rs', 'user/*.cu'])(
    'does not by one that has %s',
    async (scope) => {
      const authorization = await people.authorization(ada, `openid fhirUser ${scope}`);
      expect(await statuses(authorization)).toEqual(all(403));
    },
  );

  test('changes nobody’s password by an app for users, and has no bot run', async () => {
    const authorization = await people.authorization(ada, 'openid fhirUser user/User.cruds user/Bot.cruds');
    const post = (path: string, body: object) =>
      request(`${server.url}/fhir/R4`)
        .post(path)
        .set('Authorization', authorization)
        .set('Content-Type', FHIR)
        .send(fhir(body));
    await post('/User/ada/$set-password', PASSWORD).expect(403);
    await post('/Bot/some/$execute', { resourceType: 'Parameters' }).expect(403);
  });
});
