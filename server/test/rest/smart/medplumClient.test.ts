import { MedplumClient } from '@medplum/core';
import type { Patient } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMINISTRATOR } from '../../support/administrator.ts';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const people = new People(server);
  await people.put({ resourceType: 'Patient', id: 'ann', name: [{ family: 'Alpha' }] });
  await people.put({ resourceType: 'Patient', id: 'ben', name: [{ family: 'Beta' }] });
});
afterAll(() => server.stop());

const client = () => new MedplumClient({ baseUrl: `${server.url}/`, fhirUrlPath: 'fhir/R4', fetch });

test('by client credentials: signs in, searches, reads, writes', async () => {
  const medplum = client();
  await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  const found = await medplum.searchResources('Patient', 'family=alpha');
  expect(found.map(({ id }) => id)).toEqual(['ann']);
  const made = await medplum.createResource<Patient>({ resourceType: 'Patient', active: true });
  expect(await medplum.readResource('Patient', made.id)).toEqual(made);
  const changed = await medplum.updateResource({ ...made, active: false });
  expect(changed.meta?.versionId).toBe('2');
  await medplum.deleteResource('Patient', made.id);
  await expect(medplum.readResource('Patient', made.id, { cache: 'reload' })).rejects.toThrow();
});

test('it uploads a file with its name, which an Attachment tells', async () => {
  const medplum = client();
  await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  const securityContext = { reference: 'Patient/ann' };
  const binary = await medplum.createBinary({
    data: 'letter',
    contentType: 'text/plain',
    filename: 'letter of ann.txt',
    securityContext,
  });
  expect(binary).toMatchObject({ contentType: 'text/plain', securityContext });
  const raw = await medplum.download(medplum.fhirUrl('Binary', binary.id).toString());
  expect(await raw.text()).toBe('letter');
});

test('its Attachments say where the bytes are, also those of JSON', async () => {
  const medplum = client();
  await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  const file = { data: '{"a":1}', contentType: 'application/json', filename: 'a.json' };
  const attachment = await medplum.createAttachment(file);
  expect(attachment).toMatchObject({ title: 'a.json', url: expect.stringMatching(/^Binary\/[\w-]+$/) });
  const raw = await medplum.download(medplum.fhirUrl(...attachment.url!.split('/')).toString());
  expect(await raw.text()).toBe(file.data);
  const subject = { reference: 'Patient/ann' };
  const media = await medplum.createMedia({ ...file, additionalFields: { subject } });
  expect(media.content.url).toMatch(/^Binary\//);
});

describe('with access tokens that are JWTs', () => {
  const FORMAT = 'https://maxray.example/fhir/StructureDefinition/maxray-client-access-token-format';
  const jwtClient = (id: string, extra: object = {}) => ({
    resourceType: 'ClientApplication',
    id,
    name: id,
    extension: [{ url: FORMAT, valueCode: 'jwt' }],
    ...extra,
  });

  test('it knows whose the token is, and when it ends', async () => {
    const people = new People(server);
    await people.prepare('maxray-patient');
    const ann = await people.person('ann', { profile: 'Patient/ann', policies: ['maxray-patient'] });
    const app = { id: 'first-party-app', redirectUris: ['https://app.example/callback'] };
    const first = { url: FORMAT.replace('access-token-format', 'first-party'), valueBoolean: true };
    const resource = jwtClient(app.id, app);
    await people.put({ ...resource, extension: [...resource.extension, first] });
    const { access_token: accessToken, refresh_token: refreshToken } = await people.tokens(
      ann,
      'openid fhirUser user/*.rs offline_access',
    );
    const medplum = client();
    await medplum.setActiveLogin({
      accessToken: accessToken!,
      refreshToken: refreshToken!,
      profile: { reference: 'Patient/ann' },
      project: { reference: 'Project/maxray' },
    });
    expect(medplum.getProfile()).toMatchObject({ resourceType: 'Patient', id: 'ann' });
    expect(medplum.isAuthenticated()).toBe(true);
    expect((await medplum.readResource('Patient', 'ann')).name).toEqual([{ family: 'Alpha' }]);
  });

  test('it renews its token by itself before it ends', async () => {
    const people = new People(server);
    await people.put(jwtClient('renewing', { accessTokenLifetime: '4m' }));
    await people.client('renewing', { profile: 'Patient/ann', policies: ['maxray-patient'] });
    await people.put(jwtClient('renewing', { accessTokenLifetime: '4m' }));
    const secret = await rotated('renewing');
    const medplum = client();
    await medplum.startClientLogin('renewing', secret);
    const first = medplum.getAccessToken();
    expect(first?.split('.')).toHaveLength(3);
    // Its grace of five minutes is longer than the token lives: each request renews it.
    expect(medplum.isAuthenticated()).toBe(false);
    await medplum.readResource('Patient', 'ann', { cache: 'reload' });
    expect(medplum.getAccessToken()).not.toBe(first);
  });

  async function rotated(id: string): Promise<string> {
    const { body } = await server
      .api()
      .post(`/ClientApplication/${id}/$rotate-secret`)
      .send({ resourceType: 'Parameters' })
      .expect(200);
    return (body as { parameter: { valueString: string }[] }).parameter[0]!.valueString;
  }
});
