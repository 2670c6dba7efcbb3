import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chromiumForFile, isInstalled } from '../../identity/chromium/support.ts';
import type { ChromiumPage } from '../../support/chromium.ts';
import { People, type Person } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { serveApps, type AppResult, type Apps } from './apps.ts';

const inBrowser = isInstalled() ? test : test.skip;
const chromium = chromiumForFile();

let server: TestServer;
let apps: Apps;
let people: People;
let ann: Person;
let doctor: Person;
beforeAll(async () => {
  server = await startTestServer();
  apps = await serveApps(() => `${server.url}/fhir/R4`);
  people = new People(server);
  await people.prepare('maxray-patient', 'maxray-doctor');
  await people.put({
    resourceType: 'ClientApplication',
    id: 'smart-app',
    name: 'Growth chart',
    launchUri: `${apps.url}/launch.html`,
    redirectUris: [`${apps.url}/app.html`, `${apps.url}/`],
  });
  await people.put({ resourceType: 'Practitioner', id: 'doc', name: [{ family: 'Okafor' }] });
  for (const [id, family] of [
    ['ann', 'Alpha'],
    ['ben', 'Beta'],
  ]) {
    const subject = { reference: `Patient/${id}` };
    await people.put({ resourceType: 'Patient', id, name: [{ family, given: ['A'] }] });
    await people.put({
      resourceType: 'Observation',
      id: `of-${id}`,
      status: 'final',
      code: { text: 'x' },
      subject,
    });
    await people.put({
      resourceType: 'Encounter',
      id: `visit-${id}`,
      status: 'in-progress',
      class: { code: 'AMB' },
      subject,
      participant: [{ individual: { reference: 'Practitioner/doc' } }],
    });
  }
  ann = await people.person('ann', { profile: 'Patient/ann', policies: ['maxray-patient'] });
  doctor = await people.person('doc', { profile: 'Practitioner/doc', policies: ['maxray-doctor'] });
});
afterAll(async () => {
  await apps.close();
  await server.stop();
});

async function signIn(page: ChromiumPage, { email, password }: Person): Promise<void> {
  await page.heading('Sign in');
  await page.fill('#email', email);
  await page.fill('#password', password);
  await page.click('button[value=sign-in]');
}

async function agree(page: ChromiumPage): Promise<AppResult> {
  await page.heading('Let this app in?');
  await page.click('button[value=allow]');
  await page.waitFor('window.result');
  return (await page.evaluate('window.result')) as AppResult;
}

const launchUrl = (query: Record<string, string>) => `${apps.url}/launch.html?${new URLSearchParams(query)}`;
const SCOPE = 'openid fhirUser launch/patient patient/*.rs';

inBrowser('fhirclient, launched by itself: a patient lets it see the own data', async () => {
  const page = await chromium().page();
  await page.open(launchUrl({ scope: SCOPE }));
  await signIn(page, ann);
  expect(await agree(page)).toEqual({
    patient: 'ann',
    encounter: null,
    user: `Patient/ann`,
    found: ['Observation/of-ann'],
    refused: expect.stringMatching(/40[34]/),
  });
});

inBrowser('fhirclient, launched by itself: a doctor chooses a patient, and it sees no other', async () => {
  const page = await chromium().page();
  await page.open(launchUrl({ scope: SCOPE }));
  await signIn(page, doctor);
  await page.heading('Choose a patient');
  await page.click('input[name=patient][value=ann]');
  await page.click('button[value=choose]');
  expect(await agree(page)).toMatchObject({
    patient: 'ann',
    user: 'Practitioner/doc',
    found: ['Observation/of-ann'],
    refused: expect.stringMatching(/40[34]/),
  });
});

inBrowser('fhirclient, launched by an EHR: the context comes from there', async () => {
  const begun = await fetch(`${server.url}/fhir/R4/ClientApplication/smart-app/$smart-launch`, {
    method: 'POST',
    headers: {
      Authorization: await people.authorization(doctor),
      'Content-Type': 'application/fhir+json',
    },
    body: JSON.stringify({
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueString: 'ann' },
        { name: 'encounter', valueString: 'visit-ann' },
      ],
    }),
  });
  const { parameter } = (await begun.json()) as { parameter: { name: string; valueString: string }[] };
  const launch = parameter.find(({ name }) => name === 'launch')!.valueString;
  const page = await chromium().page();
  const scope = 'openid fhirUser launch patient/*.rs';
  await page.open(launchUrl({ iss: `${server.url}/fhir/R4`, launch, scope }));
  await signIn(page, doctor);
  expect(await agree(page)).toMatchObject({
    patient: 'ann',
    encounter: 'visit-ann',
    user: 'Practitioner/doc',
    found: ['Observation/of-ann'],
  });
});

inBrowser('MedplumClient: signs in with PKCE, knows its profile, writes and searches', async () => {
  const page = await chromium().page();
  await page.open(`${apps.url}/`);
  await signIn(page, ann);
  const result = await agree(page);
  expect(result).toEqual({ user: 'Patient/ann', made: expect.any(String), found: [result.made] });
});
