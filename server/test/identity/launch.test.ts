import { describe, expect, test } from '@jest/globals';
import type { OAuthClient } from '../../src/identity/ports.ts';
import { authorize, authorizeUrl, exchange, post, tokens } from './flow.ts';
import { identityForFile, PASSWORD, PUBLIC_CLIENT, USER } from './support.ts';

const { server } = identityForFile();
const STANDALONE = { scope: 'openid launch/patient patient/*.rs' };
const EHR = 'openid fhirUser launch patient/*.rs';
const OWN: OAuthClient = { ...PUBLIC_CLIENT, id: 'own-app', firstParty: true };

describe('standalone launch', () => {
  test('the user picks a patient, whom the app is told', async () => {
    const response = await tokens(server(), STANDALONE, { patient: 'p2' });
    expect(response).toMatchObject({ patient: 'p2', scope: STANDALONE.scope });
    expect(await server().identity.authenticate(`Bearer ${response.access_token}`)).toMatchObject({
      patient: 'p2',
    });
    const { body } = await post(server(), 'introspect', {
      token: response.access_token!,
      client_id: PUBLIC_CLIENT.id,
    });
    expect(body).toMatchObject({
      active: true,
      patient: 'p2',
      scope: STANDALONE.scope,
      sub: USER.id,
      client_id: PUBLIC_CLIENT.id,
      aud: server().fhirBase,
      fhirUser: `${server().fhirBase}/Practitioner/1`,
    });
  });

  test.each(['patient/Observation.rs', 'patient/*.read', 'patient/Observation.r?category=laboratory'])(
    '%s alone asks for a patient, too: without one it would reach nothing',
    async (scope) => {
      const browser = await authorize(server(), { scope: `openid ${scope}` }, { patient: 'p2' });
      const { body } = await exchange(server(), browser.query.get('code')!);
      expect(body).toMatchObject({ patient: 'p2', scope: `openid ${scope}` });
    },
  );

  test('nobody is asked for a patient who is not given to the app', async () => {
    const limited = { ...OWN, id: 'limited-app', scopes: ['openid', 'user/*.rs'] };
    server().clients.set(limited.id, limited);
    const browser = await server()
      .browser()
      .open(authorizeUrl(server(), { client_id: limited.id, scope: 'openid launch/patient patient/*.rs' }));
    await browser.submit({ email: USER.email, password: PASSWORD, action: 'sign-in' });
    const { body } = await exchange(server(), browser.query.get('code')!, { client_id: limited.id });
    expect(body).toMatchObject({ scope: 'openid' });
    expect(body).not.toHaveProperty('patient');
  });

  test('the picker shows names as text, and finds by name', async () => {
    const browser = await server().browser().open(authorizeUrl(server(), STANDALONE));
    await browser.submit({ email: USER.email, password: PASSWORD, action: 'sign-in' });
    expect(browser.text).toContain('Ann &lt;Alpha&gt;');
    expect(browser.text).toContain('Bob Beta');
    await browser.open(`${browser.url}?search=Bob`);
    expect(browser.text).not.toContain('Ann');
    await browser.open(`${browser.url.split('?')[0]}?search="><script>`);
    expect(browser.text).toContain('value="&quot;&gt;&lt;script&gt;"');
    expect(browser.text).toContain('None was found');
  });

  test.each(['unknown', '', '../p1', "p1' OR 1=1", 'p1,p2'])(
    'not a patient whom the user may not open: "%s"',
    async (patient) => {
      const browser = await server().browser().open(authorizeUrl(server(), STANDALONE));
      await browser.submit({ email: USER.email, password: PASSWORD, action: 'sign-in' });
      await browser.submit({ patient, action: 'choose' });
      expect(browser.status).toBe(422);
      expect(browser.text).toContain('cannot be chosen');
    },
  );

  test('a patient needs to pick nobody: it is always the own record', async () => {
    server().users.set(USER.id, { ...USER, profile: 'Patient/p2' });
    const browser = await server().browser().open(authorizeUrl(server(), STANDALONE));
    await browser.submit({ email: USER.email, password: PASSWORD, action: 'sign-in' });
    expect(browser.text).toContain('Patient: <b>Bob Beta</b>');
    await browser.submit({ scope: 'patient/*.rs', action: 'allow' });
    const { body } = await exchange(server(), browser.query.get('code')!);
    server().users.set(USER.id, USER);
    expect(body).toMatchObject({ patient: 'p2' });
  });

  test('an app of the organisation is let in without a page', async () => {
    server().clients.set(OWN.id, OWN);
    const browser = await server()
      .browser()
      .open(authorizeUrl(server(), { client_id: OWN.id, scope: 'openid offline_access user/*.cruds' }));
    await browser.submit({ email: USER.email, password: PASSWORD, action: 'sign-in' });
    const { body } = await exchange(server(), browser.query.get('code')!, { client_id: OWN.id });
    expect(body).toMatchObject({ scope: 'openid offline_access user/*.cruds' });
    expect(body).toHaveProperty('refresh_token');
  });

  test('two launches in one browser are for the patient of each', async () => {
    const browser = server().browser();
    const first = await tokens(server(), STANDALONE, { browser, patient: 'p1' });
    const second = await tokens(server(), STANDALONE, { browser, patient: 'p2' });
    const patients = [first, second].map(({ access_token: token }) =>
      server().identity.authenticate(`Bearer ${token}`),
    );
    expect((await Promise.all(patients)).map(({ patient }) => patient)).toEqual(['p1', 'p2']);
  });
});

describe('EHR launch', () => {
  const launched = { userId: USER.id, clientId: PUBLIC_CLIENT.id };

  test('the app is told where it was launched', async () => {
    const launch = await server().identity.launches.begin({
      ...launched,
      patient: 'p1',
      encounter: 'e1',
      fhirContext: [{ reference: 'ImagingStudy/1' }],
      intent: 'reconcile',
      needPatientBanner: false,
      smartStyleUrl: 'https://clinic.example/style.json',
    });
    const response = await tokens(server(), { launch, scope: EHR });
    expect(response).toMatchObject({
      patient: 'p1',
      encounter: 'e1',
      fhirContext: [{ reference: 'ImagingStudy/1' }],
      intent: 'reconcile',
      need_patient_banner: false,
      smart_style_url: 'https://clinic.example/style.json',
    });
    expect(response).not.toHaveProperty('userId');
    expect(await server().identity.authenticate(`Bearer ${response.access_token}`)).toMatchObject({
      patient: 'p1',
      encounter: 'e1',
      fhirContext: [{ reference: 'ImagingStudy/1' }],
    });
  });

  test('with launch/patient the picker is not asked where the launch has a patient', async () => {
    const launch = await server().identity.launches.begin({ ...launched, patient: 'p1' });
    expect(await tokens(server(), { launch, scope: `${EHR} launch/patient` })).toMatchObject({
      patient: 'p1',
    });
  });

  test('where the launch has no patient, a scope about one asks for one', async () => {
    const launch = await server().identity.launches.begin({ ...launched, encounter: 'e1' });
    const response = await tokens(server(), { launch, scope: EHR }, { patient: 'p2' });
    expect(response).toMatchObject({ patient: 'p2', encounter: 'e1' });
  });

  test('a launch is good once', async () => {
    const launch = await server().identity.launches.begin({ ...launched, patient: 'p1' });
    await tokens(server(), { launch, scope: EHR });
    const again = await authorize(server(), { launch, scope: EHR });
    expect(again.query.get('error')).toBe('invalid_request');
  });

  test('a launch that nobody took up in time is over', async () => {
    const launch = await server().identity.launches.begin({ ...launched, patient: 'p1' });
    const { database, schema } = server().test;
    const text = `UPDATE "${schema}".identity_artifact SET expires = clock_timestamp() WHERE model = 'Launch'`;
    await database.write({ name: '', text, values: [] });
    const late = await authorize(server(), { launch, scope: EHR });
    expect(late.query.get('error')).toBe('invalid_request');
  });

  test('nor can another app, another user, or one who may not open the patient take it up', async () => {
    const other = await server().identity.launches.begin({ ...launched, clientId: 'other', patient: 'p1' });
    const byApp = await authorize(server(), { launch: other, scope: EHR });
    const users = await server().identity.launches.begin({ ...launched, userId: 'doctor', patient: 'p1' });
    const byUser = await authorize(server(), { launch: users, scope: EHR });
    const hidden = await server().identity.launches.begin({ ...launched, patient: 'hidden' });
    const byPatient = await authorize(server(), { launch: hidden, scope: EHR });
    expect([byApp, byUser, byPatient].map(({ query }) => query.get('error'))).toEqual([
      'invalid_request',
      'access_denied',
      'access_denied',
    ]);
  });
});

test('no defect was seen', () => {
  expect(server().defects).toEqual([]);
});
