import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { totpCode } from '../../src/identity/factors/totp.ts';
import { clientKey } from './assertion.ts';
import { Browser } from './browser.ts';
import {
  secondProvider,
  wrongProvider,
  type SecondProvider,
  type WrongProvider,
} from './externalProvider.ts';
import { authorizeUrl, exchange } from './flow.ts';
import { identityForFile, USER, type IdentityServer } from './support.ts';

const { server: first, second } = identityForFile();
let server: IdentityServer;
let hospital: SecondProvider;
let wrong: WrongProvider;
const NURSE = { sub: 'n-1', email: USER.email.toUpperCase(), email_verified: true };

beforeAll(async () => {
  hospital = await secondProvider(() => `${server.fhirBase.replace('/fhir/R4', '')}/oauth2/sso`);
  wrong = await wrongProvider();
  const gone = { ...wrong.settings, id: 'gone', name: 'Gone', issuer: 'http://127.0.0.1:9' };
  const externalProviders = [hospital.settings, wrong.settings, gone];
  server = await second({}, { externalProviders, own: true });
});
afterAll(async () => {
  await hospital.close();
  await wrong.close();
});
beforeEach(async () => {
  const { database, schema } = first().test;
  for (const table of ['identity_attempt', 'identity_credential'])
    await database.write({ name: '', text: `DELETE FROM "${schema}".${table}`, values: [] });
  server.users.set(USER.id, USER);
  hospital.person = NURSE;
  hospital.settings.secondFactor = false;
  Object.assign(wrong, { wrong: {}, discovery: {} });
  server.events.length = 0;
});

/** What the link on the sign-in page leads to, up to where the provider sends the browser back. */
async function toProvider(
  browser: Browser,
  id: string,
  changes: Record<string, string> = {},
): Promise<string> {
  await browser.open(authorizeUrl(server, changes));
  await browser.open(`${browser.url.split('?')[0]}?provider=${id}`);
  const { origin } = new URL(browser.url);
  if (origin === server.issuer) return browser.url; // it did not get there
  const there = await new Browser(origin, origin).open(browser.url);
  return there.url;
}
/** Signs in there, and comes back. */
async function signIn(id = 'hospital', changes: Record<string, string> = {}): Promise<Browser> {
  const browser = server.browser();
  return browser.open(await toProvider(browser, id, changes));
}
const alertIn = ({ text }: Browser): string | undefined => /role="alert">([^<]+)</.exec(text)?.[1];
const kinds = () => server.events.map(({ kind, detail }) => [kind, detail]);
const NOBODY = 'Nobody was signed in there. Try again, or sign in in another way.';

describe('with an account elsewhere', () => {
  test('a user signs in: first by the verified address, then by the account, whatever its address is', async () => {
    const page = await server.browser().open(authorizeUrl(server));
    expect(page.text).toContain('<a href="?provider=hospital">Sign in with Hospital &lt;north&gt;</a>');
    const browser = await signIn();
    expect(browser.text).toContain('Let this app in?');
    expect(browser.url).not.toContain('code=');
    await browser.submit({ scope: 'user/*.rs', action: 'allow' });
    const { body } = await exchange(server, browser.query.get('code')!);
    expect(await server.identity.authenticate(`Bearer ${String(body.access_token)}`)).toMatchObject({
      userId: USER.id,
    });
    expect(hospital.asked).toMatchObject({
      scope: 'openid email',
      code_challenge_method: 'S256',
      nonce: expect.any(String),
      state: expect.any(String),
    });
    expect(kinds()).toContainEqual(['account-linked', 'hospital']);
    expect(kinds()).toContainEqual(['sign-in', 'ext']);
    hospital.person = { sub: NURSE.sub, email: 'another@elsewhere.example', email_verified: false };
    expect((await signIn()).text).toContain('Let this app in?');
  });

  test.each<[string, () => void]>([
    ['an address that nobody has here', () => (hospital.person = { ...NURSE, email: 'x@clinic.example' })],
    ['an address that is not verified', () => (hospital.person = { ...NURSE, email_verified: false })],
    ['no address', () => (hospital.person = { sub: NURSE.sub })],
    ['a user who may not sign in', () => server.users.set(USER.id, { ...USER, active: false })],
  ])('%s signs nobody in, and makes nobody', async (_name, prepare) => {
    prepare();
    const count = server.users.size;
    const browser = await signIn();
    expect([browser.status, alertIn(browser)]).toEqual([
      403,
      'Your account of Hospital &lt;north&gt; is not that of a user here. Ask an administrator.',
    ]);
    expect(server.users.size).toBe(count);
    expect(kinds()).toEqual([['sign-in-failed', 'external hospital: no user']]);
  });

  test('an address that went to somebody else there opens nothing', async () => {
    await signIn();
    hospital.person = { ...NURSE, sub: 'n-2' };
    expect(alertIn(await signIn())).toContain('is not that of a user here');
  });

  test('whoever refuses there goes on here', async () => {
    hospital.person = undefined;
    const browser = await signIn();
    expect([browser.status, alertIn(browser)]).toEqual([403, NOBODY]);
    expect(browser.text).toContain('<title>Sign in');
    expect(kinds()).toEqual([['sign-in-failed', 'external access_denied']]);
  });

  test('the second step is asked for here, but where it was there', async () => {
    server.users.set(USER.id, { ...USER, mfaRequired: true });
    const browser = await signIn();
    expect(browser.text).toContain('<title>Set up an authenticator app');
    const secret = /[?&]secret=([A-Z2-7]+)/.exec(browser.text)![1]!;
    await browser.submit({ code: totpCode(secret, Date.now()), action: 'enrol' });
    expect((await signIn()).text).toContain('<title>Second step');
    hospital.settings.secondFactor = true;
    expect((await signIn()).text).toContain('Let this app in?');
    expect(kinds()).toContainEqual(['sign-in', 'ext mfa']);
  });

  test('an app that wants a recent sign-in gets one there', async () => {
    await signIn('hospital', { max_age: '60' });
    expect(hospital.asked).toHaveProperty('max_age');
    expect(String(hospital.asked.max_age)).toBe('60');
  });

  test('the page of the account shows it, and removes it', async () => {
    const browser = await signIn();
    await browser.open(`${server.issuer}/oauth2/account`);
    expect(browser.text).toContain('Hospital &lt;north&gt;');
    const [, name] = /name="external" value="([^"]+)"/.exec(browser.text)!;
    await browser.submit({ action: 'unlink', external: name! });
    expect(browser.text).not.toContain('name="external"');
    expect(kinds()).toContainEqual(['account-unlinked', undefined]);
  });
});

describe('coming back', () => {
  test('works in the browser that went, and once', async () => {
    const browser = server.browser();
    const back = await toProvider(browser, 'hospital');
    const stranger = await server.browser().open(back);
    expect([stranger.status, stranger.text.includes('belongs to another window')]).toEqual([400, true]);
    // Somebody else's answer, in a browser with an interaction of its own.
    const victim = await server.browser().open(authorizeUrl(server));
    await victim.open(`${victim.url}${new URL(back).search}`);
    expect(alertIn(victim)).toBe(NOBODY);
    await browser.open(back);
    expect(browser.status).toBe(403);
    expect(kinds().filter(([kind]) => kind === 'sign-in')).toEqual([]);
  });

  test('a second time, or with another code or state, is nothing', async () => {
    const browser = server.browser();
    const back = await toProvider(browser, 'hospital');
    const changed = back.replace(/code=[^&]+/, 'code=other');
    await browser.open(changed);
    expect(alertIn(browser)).toBe(NOBODY);
    await browser.open(back);
    expect([browser.status, browser.text.includes('has expired, or was used already')]).toEqual([403, true]);
    for (const query of ['', '?state=', '?state=x&code=y', '?error=access_denied'])
      expect((await server.browser().open(`/oauth2/sso${query}`)).status).toBe(403);
  });
});

describe('a provider that is wrong signs nobody in', () => {
  const nowS = () => Math.floor(Date.now() / 1000);

  test('but when nothing is', async () => {
    expect((await signIn('wrong')).text).toContain('Let this app in?');
  });

  test.each<[string, () => WrongProvider['wrong']]>([
    ['another nonce', () => ({ claims: { nonce: 'other' } })],
    ['no nonce', () => ({ claims: { nonce: undefined } })],
    ['another audience', () => ({ claims: { aud: 'other' } })],
    ['another issuer', () => ({ claims: { iss: 'https://other.example' } })],
    ['an expired id_token', () => ({ claims: { exp: nowS() - 600 } })],
    ['a key that it has not published', () => ({ key: clientKey('RS256') })],
    ['alg none', () => ({ header: { alg: 'none' } })],
    ['alg HS256', () => ({ header: { alg: 'HS256' } })],
    ['no subject', () => ({ claims: { sub: undefined } })],
    ['an address verified by a word', () => ({ claims: { email_verified: 'true' } })],
  ])('%s', async (_name, change) => {
    wrong.wrong = change();
    const browser = await signIn('wrong');
    expect(browser.status).toBe(403);
    expect(alertIn(browser)).toMatch(/^Nobody was signed in there|is not that of a user here/);
    expect(kinds().map(([kind]) => kind)).toEqual(['sign-in-failed']);
  });

  test.each(['gone', 'unknown', '__proto__', ''])(
    'one that cannot be reached, or is not there: "%s"',
    async (id) => {
      const browser = await signIn(id);
      expect([browser.status, alertIn(browser)]).toEqual([403, NOBODY]);
    },
  );
});

test('no defect was seen', () => {
  expect(server.defects).toEqual([]);
});
