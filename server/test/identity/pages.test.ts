import { beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { ACCOUNT_BACK_OFF, ADDRESS_BACK_OFF } from '../../src/identity/signIn.ts';
import { authorize, authorizeUrl, exchange, tokens } from './flow.ts';
import { identityForFile, PASSWORD, REDIRECT_URI, USER } from './support.ts';

const { server } = identityForFile();
const RIGHT = { email: USER.email, password: PASSWORD, action: 'sign-in' };
const WRONG = { ...RIGHT, password: 'wrong' };
const signInPage = () => server().browser().open(authorizeUrl(server()));
const forgetAttempts = () =>
  server().test.database.write({
    name: '',
    text: `DELETE FROM "${server().test.schema}".identity_attempt`,
    values: [],
  });
beforeEach(forgetAttempts);

describe('every page', () => {
  test('is HTML without script, for nobody to frame or keep', async () => {
    const { headers, text } = await signInPage();
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' https:\/\/app\.example; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    const [, style] = /<style>([^]*)<\/style>/.exec(text)!;
    const hash = createHash('sha256').update(style!).digest('base64');
    expect(headers.get('content-security-policy')).toContain(`'sha256-${hash}'`);
    expect(text).not.toMatch(/<script|onload=|href="http/);
    expect(text).toContain('<html lang="en">');
    expect(text).toContain('Growth &lt;chart&gt;');
    for (const [, id] of text.matchAll(/<input id="(\w+)"/g)) expect(text).toContain(`<label for="${id!}">`);
  });

  test('what was typed comes back as text', async () => {
    const browser = await signInPage();
    await browser.submit({ ...WRONG, email: '"><script>alert(1)</script>' });
    expect(browser.text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
    expect(browser.text).not.toContain('<script');
  });

  test.each<[string, Record<string, string>, number]>([
    ['no token', { csrf: '' }, 403],
    ['another token', { csrf: 'x'.repeat(43) }, 403],
    ['too long a form', { email: 'x'.repeat(70_000) }, 413],
  ])('a form with %s is refused', async (_name, changes, status) => {
    const browser = await signInPage();
    await browser.submit({ ...RIGHT, ...changes });
    expect(browser.status).toBe(status);
    expect(browser.text).toContain('role="alert"');
  });

  test('a form from another window, without its cookie, is refused', async () => {
    const mine = await signInPage();
    const other = server().browser();
    await other.open(mine.url, {
      method: 'POST',
      body: new URLSearchParams({ ...RIGHT, csrf: /name="csrf" value="([^"]+)"/.exec(mine.text)![1]! }),
    });
    expect(other.status).toBe(400);
    expect(other.text).toContain('expired');
  });

  test('the token of the sign-in page does not consent', async () => {
    const browser = await signInPage();
    const csrf = /name="csrf" value="([^"]+)"/.exec(browser.text)![1]!;
    await browser.submit(RIGHT);
    await browser.submit({ action: 'allow', csrf });
    expect(browser.status).toBe(403);
  });

  test.each(['PUT', 'DELETE'])('%s is refused', async (method) => {
    const browser = await signInPage();
    await browser.open(browser.url, { method });
    expect(browser.status).toBe(405);
  });

  test('an unknown page', async () => {
    const browser = await server().browser().open('/oauth2/interaction/unknown');
    expect(browser.status).toBe(400);
  });
});

describe('signing in', () => {
  test('a wrong password, an unknown user and one who may not sign in look the same', async () => {
    server().users.set('off', { ...USER, id: 'off', email: 'off@clinic.example', active: false });
    await server().identity.passwords.set('off', PASSWORD);
    const pages = [];
    for (const attempt of [
      WRONG,
      { ...RIGHT, email: 'nobody@clinic.example' },
      { ...RIGHT, email: 'off@clinic.example' },
      { ...RIGHT, email: '', password: '' },
      { ...RIGHT, password: 'x'.repeat(5000) },
    ]) {
      const browser = await (await signInPage()).submit(attempt);
      const [, alert] = /role="alert">([^<]+)</.exec(browser.text)!;
      pages.push([browser.status, alert]);
    }
    expect(pages).toEqual(pages.map(() => [403, 'Email or password is wrong.']));
  });

  test('after so many failures an account waits, even with the right password, and so does an unknown one', async () => {
    const alerts = [];
    for (const email of [USER.email, 'nobody@clinic.example']) {
      const browser = await signInPage();
      for (let i = 0; i < ACCOUNT_BACK_OFF.free; i++) await browser.submit({ ...WRONG, email });
      await browser.submit({ ...RIGHT, email });
      alerts.push(/role="alert">([^<]+)</.exec(browser.text)![1]);
      expect(browser.url.startsWith(REDIRECT_URI)).toBe(false);
    }
    expect(alerts).toEqual([
      expect.stringMatching(/^Too many attempts\. Try again in (29|30) seconds\.$/),
      expect.stringMatching(/^Too many attempts\. Try again in (29|30) seconds\.$/),
    ]);
    const locked = server().events.filter(({ kind }) => kind === 'sign-in-locked');
    expect(locked.length).toBeGreaterThanOrEqual(2);
  });

  test('many guesses at once gain nothing', async () => {
    const browsers = await Promise.all(Array.from({ length: 12 }, () => signInPage()));
    await Promise.all(browsers.map((browser) => browser.submit(WRONG)));
    const tried = browsers.filter(({ text }) => text.includes('is wrong'));
    expect(tried).toHaveLength(ACCOUNT_BACK_OFF.free);
  });

  test('the right one forgets those before', async () => {
    for (let round = 0; round < 3; round++) {
      const browser = await signInPage();
      for (let i = 1; i < ACCOUNT_BACK_OFF.free; i++) await browser.submit(WRONG);
      await browser.submit(RIGHT);
      expect(browser.text).toContain('Let this app in?');
    }
  });

  test('one address with many accounts waits too', async () => {
    const browser = await signInPage();
    const { database, schema } = server().test;
    await browser.submit({ ...WRONG, email: 'a@clinic.example' });
    await database.write({
      name: '',
      text: `UPDATE "${schema}".identity_attempt SET attempts = ${ADDRESS_BACK_OFF.free - 1} WHERE key = sha256('address 127.0.0.1')`,
      values: [],
    });
    await browser.submit({ ...WRONG, email: 'b@clinic.example' });
    await browser.submit({ ...RIGHT });
    expect(browser.text).toContain('Too many attempts');
  });

  test('gives the session a new id, which nobody could have planted', async () => {
    const browser = await signInPage();
    const sessions = () =>
      [...browser.cookies]
        .filter(([name]) => name.startsWith('maxray_session '))
        .map(([, { value }]) => value);
    const before = sessions();
    await browser.submit(RIGHT);
    const signedIn = sessions();
    await browser.submit({ scope: 'user/*.rs', action: 'allow' });
    expect(before).not.toEqual(signedIn);
    expect(signedIn).not.toEqual(sessions());
  });

  test("a session cookie of one's own making is not believed", async () => {
    const browser = server().browser();
    await authorize(server(), {}, { browser });
    const [, id] = [...browser.cookies].find(([name]) => name.startsWith('maxray_session '))!;
    const forged = await fetch(authorizeUrl(server()), {
      redirect: 'manual',
      headers: { Cookie: `maxray_session=${id.value}; maxray_session.sig=AAAA` },
    });
    expect(forged.headers.get('location')).toContain('/oauth2/interaction/');
    expect(forged.headers.getSetCookie().join()).not.toContain(id.value);
  });
});

describe('a session', () => {
  test('whose user is gone asks for another', async () => {
    const browser = server().browser();
    await authorize(server(), {}, { browser });
    server().users.set(USER.id, { ...USER, active: false });
    await browser.open(authorizeUrl(server()));
    server().users.set(USER.id, USER);
    expect(browser.text).toContain('<title>Sign in');
  });

  test('is another after somebody else has signed in', async () => {
    server().users.set('doctor', { ...USER, id: 'doctor', email: 'doctor@clinic.example' });
    await server().identity.passwords.set('doctor', PASSWORD);
    const browser = server().browser();
    await authorize(server(), {}, { browser });
    await browser.open(authorizeUrl(server(), { prompt: 'login' }));
    await browser.submit({ ...RIGHT, email: 'doctor@clinic.example' });
    // The provider ends the former session first, by a page that sends itself.
    expect(browser.text).toContain('/oauth2/logout/confirm');
    await browser.submit({});
    expect(browser.text).toContain('Let this app in?');
    await browser.submit({ scope: 'user/*.rs', action: 'allow' });
    const { body } = await exchange(server(), browser.query.get('code')!);
    expect(await server().identity.authenticate(`Bearer ${String(body.access_token)}`)).toMatchObject({
      userId: 'doctor',
    });
  });
});

describe('consent', () => {
  test('refused by the user', async () => {
    const browser = await (await signInPage()).submit(RIGHT);
    await browser.submit({ action: 'cancel' });
    expect(Object.fromEntries(browser.query)).toMatchObject({ error: 'access_denied', state: 'state-1' });
  });

  test('says in words what is asked, and gives no more than was shown', async () => {
    const browser = await server()
      .browser()
      .open(authorizeUrl(server(), { scope: 'openid patient/Observation.cu?category=laboratory' }));
    await browser.submit(RIGHT);
    await browser.submit({ patient: 'p1', action: 'choose' });
    expect(browser.text).toContain('add, change Observation of the patient (in part)');
    await browser.submit({
      scope: ['patient/Observation.cu?category=laboratory', 'user/*.cruds', 'offline_access'],
      action: 'allow',
    });
    const { body } = await exchange(server(), browser.query.get('code')!);
    expect(body.scope).toBe('openid patient/Observation.cu?category=laboratory');
    expect(body).not.toHaveProperty('refresh_token');
  });
});

describe('signing out', () => {
  test('ends the session and what came of it, but for what may stay', async () => {
    const browser = server().browser();
    const ended = await tokens(server(), { scope: 'openid patient/*.rs online_access' }, { browser });
    const kept = await tokens(server(), { scope: 'openid patient/*.rs offline_access' }, { browser });
    await browser.open(`${server().issuer}/oauth2/logout`);
    expect(browser.text).toContain('Do you want to sign out');
    await browser.submit({ logout: 'yes' });
    expect([browser.status, browser.text.includes('You can close this page')]).toEqual([200, true]);
    await expect(server().identity.authenticate(`Bearer ${ended.access_token}`)).rejects.toMatchObject({
      category: 'login',
    });
    await server().identity.authenticate(`Bearer ${kept.access_token}`);
    await browser.open(authorizeUrl(server()));
    expect(browser.text).toContain('<title>Sign in');
  });

  test('goes back only to where the client has registered', async () => {
    const browser = server().browser();
    const { id_token: hint } = await tokens(server(), {}, { browser });
    const parameters = `id_token_hint=${hint}&post_logout_redirect_uri=https://evil.example/`;
    await browser.open(`${server().issuer}/oauth2/logout?${parameters}`);
    expect(browser.status).toBe(400);
    expect(browser.url.startsWith(server().issuer)).toBe(true);
  });
});

test('no defect was seen', () => {
  expect(server().defects).toEqual([]);
});
