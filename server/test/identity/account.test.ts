import { beforeEach, describe, expect, test } from '@jest/globals';
import { totpCode } from '../../src/identity/factors/totp.ts';
import { browserOf } from '../../src/identity/pages/accountView.ts';
import { ACCOUNT_BACK_OFF } from '../../src/identity/signIn.ts';
import type { Browser } from './browser.ts';
import { authorizeUrl, tokens } from './flow.ts';
import { identityForFile, PASSWORD, PUBLIC_CLIENT, USER } from './support.ts';

const { server } = identityForFile();
const NEW = 'a quite different one';
const write = (text: string) =>
  server().test.database.write({
    name: '',
    text: text.replaceAll('$S', server().test.schema),
    values: [],
  });

beforeEach(async () => {
  await write('DELETE FROM "$S".identity_attempt');
  await write('DELETE FROM "$S".identity_artifact');
  await write('DELETE FROM "$S".identity_credential');
  await server().identity.passwords.set(USER.id, PASSWORD);
  server().users.set(USER.id, USER);
  server().events.length = 0;
  server().mails.length = 0;
});

const alertIn = ({ text }: Browser): string | undefined => /role="alert">([^<]+)</.exec(text)?.[1];
const noteIn = ({ text }: Browser): string | undefined => /role="status">([^<]+)</.exec(text)?.[1];
const sessionsIn = ({ text }: Browser): string[] =>
  [...text.matchAll(/name="session" value="([^"]+)"/g)].map(([, uid]) => uid!);
const works = (token: unknown): Promise<boolean> =>
  server()
    .identity.authenticate(`Bearer ${String(token)}`)
    .then(
      () => true,
      () => false,
    );

/** The page, after signing in for it. */
async function account(browser = server().browser(), page = ''): Promise<Browser> {
  await browser.open(`${server().issuer}/oauth2/account${page}`);
  if (browser.text.includes('<title>Sign in'))
    await browser.submit({ email: USER.email, password: PASSWORD, action: 'sign-in' });
  return browser;
}
/** As if the sign-in of all sessions lay back so far. */
async function aged(browser: Browser, seconds: number): Promise<void> {
  const realNow = Date.now;
  Date.now = () => realNow() + seconds * 1000;
  try {
    await browser.open(browser.url);
  } finally {
    Date.now = realNow;
  }
}

describe('the page of the account', () => {
  test('is for whoever signs in, and gives nothing to anybody else', async () => {
    const browser = await account();
    expect(browser.url).toBe(`${server().issuer}/oauth2/account`);
    expect(browser.text).toContain('<title>Your account');
    expect(browser.text).toContain(USER.email);
    expect(browser.headers.get('content-security-policy')).toContain("default-src 'none'");
    const { rows } = await write(
      `SELECT model FROM "$S".identity_artifact WHERE model IN ('Grant', 'AuthorizationCode')`,
    );
    expect(rows).toEqual([]);
  });

  test('leads to the sign-in, and says so to browsers without cookies', async () => {
    const url = `${server().issuer}/oauth2/account`;
    const asked = await fetch(url, { method: 'HEAD', redirect: 'manual' });
    expect([asked.status, asked.headers.get('location')]).toEqual([
      303,
      expect.stringContaining('/oauth2/authorize?'),
    ]);
    const text = await (await fetch(url)).text();
    expect(text).toContain('To sign in takes cookies');
    expect(text).toContain('<a href="/oauth2/account">your account</a>');
  });

  test.each(['//evil.example', 'https://evil.example/', '/\\evil.example', 'signed-in', '../../evil'])(
    'leads nowhere else after a sign-in that began with %s',
    async (state) => {
      const browser = await server().browser().open(`${server().issuer}/oauth2/account`);
      const query = { client_id: 'maxray-account', scope: 'openid', state };
      const redirect_uri = `${server().issuer}/oauth2/account/signed-in`;
      await browser.open(authorizeUrl(server(), { ...query, redirect_uri, aud: undefined }));
      await browser.submit({ email: USER.email, password: PASSWORD, action: 'sign-in' });
      expect(browser.url).toBe(`${server().issuer}/oauth2/account`);
    },
  );

  test('is left by cancelling', async () => {
    const browser = await server().browser().open(`${server().issuer}/oauth2/account`);
    await browser.submit({ action: 'cancel' });
    expect(browser.text).toContain('You are not signed in.');
  });

  test.each(['/unknown', '/constructor', '/signed-in?code=x', '/signed-in?state=//evil.example'])(
    'has nothing at %s',
    async (path) => {
      const browser = await server().browser().open(`${server().issuer}/oauth2/account${path}`);
      expect(browser.url.startsWith(server().issuer)).toBe(true);
      expect(browser.text).toMatch(/You are not signed in|This does not work/);
    },
  );

  test('takes no form from elsewhere', async () => {
    const browser = await account();
    await browser.submit({ action: 'end-all', csrf: 'x' });
    expect(browser.status).toBe(403);
    const other = await account();
    const [, csrf] = /name="csrf" value="([^"]+)"/.exec(other.text)!;
    await browser.open(`${server().issuer}/oauth2/account`);
    await browser.submit({ action: 'end-all', csrf: csrf! });
    expect(browser.status).toBe(403);
    await account(browser);
    expect(sessionsIn(browser)).toHaveLength(2);
  });

  test('wants a session with a second factor where the role does', async () => {
    const browser = await account();
    server().users.set(USER.id, { ...USER, mfaRequired: true });
    await account(browser);
    expect(browser.text).toContain('<title>Set up an authenticator app');
  });

  test('sends a mail to confirm the address, where it is not yet', async () => {
    expect((await account()).text).not.toContain('Confirm this address');
    server().users.set(USER.id, { ...USER, emailVerified: false });
    const browser = await account();
    expect(browser.text).toContain('Confirm this address');
    await browser.submit({ action: 'confirm-email' });
    expect(noteIn(browser)).toContain('on its way');
    expect(server().mails[0]).toMatchObject({ to: USER.email, subject: 'Confirm your email address' });
  });
});

describe('sessions', () => {
  test('are listed with app and address, and ended one by one', async () => {
    const [mine, other] = [server().browser(), server().browser()];
    const { access_token: token } = await tokens(
      server(),
      { scope: 'openid patient/*.rs' },
      { browser: other },
    );
    await account(mine);
    expect(mine.text).toContain('(this one)');
    expect(mine.text).toContain('Growth &lt;chart&gt;');
    expect(mine.text).toContain('from 127.0.0.1');
    expect(sessionsIn(mine)).toHaveLength(2);
    const [here] = /<b>\(this one\)<\/b>[^]*?name="session" value="([^"]+)"/.exec(mine.text)!.slice(1);
    const there = sessionsIn(mine).find((uid) => uid !== here)!;
    expect(await works(token)).toBe(true);
    await mine.submit({ action: 'end-session', session: there });
    expect([noteIn(mine), sessionsIn(mine)]).toEqual(['The session has ended.', [here]]);
    expect(await works(token)).toBe(false);
    await other.open(authorizeUrl(server()));
    expect(other.text).toContain('<title>Sign in');
    await mine.submit({ action: 'end-session', session: there });
    expect(alertIn(mine)).toContain('has ended already');
    expect(server().events).toContainEqual(
      expect.objectContaining({ kind: 'session-ended', userId: USER.id, detail: 'one' }),
    );
  });

  test("of others are not ended, whoever knows a session's name", async () => {
    server().users.set('doctor', { ...USER, id: 'doctor', email: 'doctor@clinic.example' });
    await server().identity.passwords.set('doctor', PASSWORD);
    const doctor = await server().browser().open(`${server().issuer}/oauth2/account`);
    await doctor.submit({ email: 'doctor@clinic.example', password: PASSWORD, action: 'sign-in' });
    const mine = await account();
    await mine.submit({ action: 'end-session', session: sessionsIn(doctor)[0]! });
    expect(alertIn(mine)).toContain('has ended already');
    await doctor.open(`${server().issuer}/oauth2/account`);
    expect(sessionsIn(doctor)).toHaveLength(1);
  });

  test('end everywhere, with all apps', async () => {
    const [mine, other] = [server().browser(), server().browser()];
    const { access_token: token } = await tokens(
      server(),
      { scope: 'openid patient/*.rs offline_access' },
      { browser: other },
    );
    await account(mine);
    await mine.submit({ action: 'end-all' });
    expect(noteIn(mine)).toContain('signed out everywhere');
    expect(await works(token)).toBe(false);
    for (const browser of [mine, other]) {
      await browser.open(`${server().issuer}/oauth2/account`);
      expect(browser.text).toContain('<title>Sign in');
    }
  });

  test('are told by what browsers say of themselves', () => {
    const chrome =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36';
    const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1';
    expect([chrome, phone, '', '<script>'].map(browserOf)).toEqual([
      'Chrome on Linux',
      'Safari on iOS',
      'Unknown browser',
      '<script>',
    ]);
  });
});

describe('apps', () => {
  test('with access are listed once each, and lose all of it', async () => {
    const asked = { scope: 'openid patient/*.rs offline_access' };
    const [first, second] = [await tokens(server(), asked), await tokens(server(), asked)];
    const browser = await account();
    expect([...browser.text.matchAll(/name="client" value="([^"]+)"/g)].map(([, id]) => id)).toEqual([
      PUBLIC_CLIENT.id,
    ]);
    expect(browser.text).toContain('read, search all kinds of data of the patient');
    await browser.submit({ action: 'end-app', client: PUBLIC_CLIENT.id });
    expect(noteIn(browser)).toBe('The app has no access any more.');
    expect([await works(first.access_token), await works(second.access_token)]).toEqual([false, false]);
    expect(browser.text).not.toContain('name="client"');
    await browser.submit({ action: 'end-app', client: PUBLIC_CLIENT.id });
    expect(alertIn(browser)).toContain('no access any more');
    expect(server().events).toContainEqual(
      expect.objectContaining({ kind: 'grant-revoked', userId: USER.id, clientId: PUBLIC_CLIENT.id }),
    );
    const who = { userId: USER.id, clientId: PUBLIC_CLIENT.id };
    expect(server().withdrawn.slice(-2)).toEqual([who, who]);
  });
});

describe('the password', () => {
  const CHANGE = { current: PASSWORD, password: NEW, repeat: NEW };

  test('is changed by whoever knows it, and all have to sign in again', async () => {
    const { access_token: token } = await tokens(server(), {});
    const browser = await account(undefined, '/password');
    expect(browser.url).toBe(`${server().issuer}/oauth2/account/password`);
    await browser.submit({ ...CHANGE, current: 'wrong' });
    expect([browser.status, alertIn(browser)]).toEqual([
      422,
      'The password that you have now is another one.',
    ]);
    await browser.submit({ ...CHANGE, repeat: 'other' });
    expect(alertIn(browser)).toBe('The two passwords are not the same.');
    await browser.submit(CHANGE);
    expect(noteIn(browser)).toContain('Your password is changed');
    expect(await works(token)).toBe(false);
    expect(await server().identity.passwords.matches(USER.id, NEW)).toBe(true);
    await browser.open(`${server().issuer}/oauth2/account`);
    expect(browser.text).toContain('<title>Sign in');
    expect(server().events.map(({ kind }) => kind)).toContain('password-changed');
  });

  test('is not guessed there either', async () => {
    const browser = await account(undefined, '/password');
    for (let i = 0; i < ACCOUNT_BACK_OFF.free; i++) await browser.submit({ ...CHANGE, current: 'wrong' });
    await browser.submit(CHANGE);
    expect(alertIn(browser)).toContain('Too many attempts');
  });
});

describe('the second step', () => {
  const secretIn = ({ text }: Browser): string => /[?&]secret=([A-Z2-7]+)/.exec(text)![1]!;

  test('is set up, gets new codes, and is removed, after a fresh sign-in only', async () => {
    const browser = await account(undefined, '/totp');
    const secret = secretIn(browser);
    await browser.submit({ code: '000000', action: 'enrol' });
    expect([alertIn(browser)?.slice(0, 17), secretIn(browser)]).toEqual(['The code is wrong', secret]);
    await browser.submit({ code: totpCode(secret, Date.now()), action: 'enrol' });
    const first = /<code>([A-Z2-7-]{19})<\/code>/.exec(browser.text)![1]!;
    await account(browser);
    expect(browser.text).toContain('Unused: 10.');
    await browser.submit({ action: 'new-codes' });
    expect(browser.text).toContain('<title>Your recovery codes');
    expect(browser.text).not.toContain(first);

    const other = await account(server().browser());
    await other.submit({ code: first, action: 'code' });
    expect(alertIn(other)).toContain('code is wrong');
    await other.submit({ code: totpCode(secret, Date.now() + 30_000), action: 'code' });
    expect(other.text).toContain('<title>Your account');
    await aged(other, 601);
    expect(other.text).toContain('<title>Your account');
    const realNow = Date.now;
    Date.now = () => realNow() + 601_000;
    await other.submit({ action: 'remove-totp' });
    Date.now = realNow;
    expect(other.text).toContain('<title>Sign in');
    expect((await server().identity.secondFactors.of(USER.id)).totp).toBe(true);

    await account(browser);
    await browser.submit({ action: 'remove-totp' });
    expect(noteIn(browser)).toBe('The app is removed.');
    expect(await server().identity.secondFactors.of(USER.id)).toEqual({
      totp: false,
      passkeys: false,
      recoveryCodes: 0,
    });
    expect(
      server()
        .events.map(({ kind }) => kind)
        .filter((kind) => kind.startsWith('mfa')),
    ).toEqual(['mfa-enrolled', 'mfa-enrolled', 'mfa-failed', 'mfa-removed']);
  });
});

test('no defect was seen', () => {
  expect(server().defects).toEqual([]);
});
