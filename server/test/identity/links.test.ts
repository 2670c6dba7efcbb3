import { beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { RESET_ACCOUNT_BACK_OFF, RESET_ADDRESS_BACK_OFF } from '../../src/identity/mailedLinks.ts';
import type { Mail } from '../../src/identity/ports.ts';
import type { Browser } from './browser.ts';
import { authorizeUrl, tokens } from './flow.ts';
import { identityForFile, PASSWORD, USER } from './support.ts';

const { server, second } = identityForFile();
const NEW = 'a quite different one';
const SET = { password: NEW, repeat: NEW };
const write = (text: string) =>
  server().test.database.write({
    name: '',
    text: text.replaceAll('$S', server().test.schema),
    values: [],
  });

beforeEach(async () => {
  await write('DELETE FROM "$S".identity_attempt');
  await server().identity.passwords.set(USER.id, PASSWORD);
  server().users.set(USER.id, USER);
  server().mails.length = 0;
  server().events.length = 0;
});

const alertIn = ({ text }: Browser): string | undefined => /role="alert">([^<]+)</.exec(text)?.[1];
const signsIn = async (password: string): Promise<boolean> => {
  const browser = await server().browser().open(authorizeUrl(server()));
  await browser.submit({ email: USER.email, password, action: 'sign-in' });
  return browser.text.includes('Let this app in?');
};
const forgot = async (email: string, at = server()): Promise<Browser> => {
  const browser = await at.browser().open('/oauth2/forgot');
  return browser.submit({ email });
};
/** The answer does not wait for the mail; whoever asks does. */
async function mailed(): Promise<string> {
  // Notices of what has changed are mailed too: they have no link that is good once.
  const hasLink = ({ text }: { text: string }) => text.includes('/oauth2/link');
  while (!server().mails.some(hasLink)) await sleep(5);
  const { mails } = server();
  const [{ to, text }] = mails.splice(mails.findIndex(hasLink), 1) as [Mail];
  expect(to).toBe(USER.email);
  return /^http\S+$/m.exec(text)![0];
}
async function requested(): Promise<string> {
  await forgot(USER.email);
  return mailed();
}

describe('a forgotten password', () => {
  test('is set anew by the link in a mail, once, and all that was signed in is not any more', async () => {
    const browser = server().browser();
    const { access_token: token } = await tokens(server(), { scope: 'openid patient/*.rs' }, { browser });
    const link = await requested();
    expect(link.startsWith(`${server().issuer}/oauth2/link?token=`)).toBe(true);
    const page = await server().browser().open(link);
    expect([page.status, page.headers.get('referrer-policy'), page.headers.get('cache-control')]).toEqual([
      200,
      'no-referrer',
      'no-store',
    ]);
    await server().identity.authenticate(`Bearer ${token!}`);
    await page.submit(SET);
    expect([page.status, page.text.includes('Your password is set')]).toEqual([200, true]);
    expect([await signsIn(PASSWORD), await signsIn(NEW)]).toEqual([false, true]);
    await expect(server().identity.authenticate(`Bearer ${token!}`)).rejects.toMatchObject({
      category: 'login',
    });
    await browser.open(authorizeUrl(server()));
    expect(browser.text).toContain('<title>Sign in');
    const again = await server().browser().open(link);
    expect([again.status, alertIn(again)]).toEqual([410, 'The link has expired, or was used already.']);
    expect(server().users.get(USER.id)!.emailVerified).toBe(true);
    expect(server().events).toContainEqual(
      expect.objectContaining({ kind: 'password-reset', userId: USER.id, detail: 'password-reset' }),
    );
  });

  test('says the same for every address, and mails only to users who can sign in', async () => {
    const at = await second();
    at.users.set('off', { ...USER, id: 'off', email: 'off@clinic.example', active: false });
    const answers = [];
    for (const email of ['nobody@clinic.example', 'off@clinic.example', 'x'.repeat(300), '', USER.email]) {
      const { status, text, headers } = await forgot(email, at);
      const names = [...headers.keys()].filter((name) => name !== 'set-cookie');
      answers.push([status, text, names.join()]);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await at.identity.stop(); // waits for what was begun
    expect(at.mails.map(({ to }) => to)).toEqual([USER.email]);
  });

  test('ends the other links, and is not set by one that expired or whose address changed', async () => {
    const [first, other] = [await requested(), await requested()];
    const stale = await server().browser().open(other);
    await (await server().browser().open(first)).submit(SET);
    await stale.submit({ ...SET });
    expect(stale.status).toBe(410);
    const third = await requested();
    server().users.set(USER.id, { ...USER, email: 'new@clinic.example' });
    expect((await server().browser().open(third)).status).toBe(410);
    server().users.set(USER.id, USER);
    expect((await server().browser().open(third)).status).toBe(200);
    await write(`UPDATE "$S".identity_artifact SET expires = clock_timestamp() WHERE model = 'Link'`);
    expect((await server().browser().open(third)).status).toBe(410);
  });

  test('of two who use a link at once, one does', async () => {
    const link = await requested();
    const browsers = await Promise.all([1, 2, 3].map(() => server().browser().open(link)));
    await Promise.all(browsers.map((browser) => browser.submit(SET)));
    expect(browsers.map(({ status }) => status).sort()).toEqual([200, 410, 410]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['short', { password: 'short', repeat: 'short' }, 'A password has 12 to 256 characters.'],
    ['another the second time', { ...SET, repeat: PASSWORD }, 'The two passwords are not the same.'],
    ['the address', { password: USER.email, repeat: USER.email }, 'Your email address is no password.'],
  ])('%s is refused, and the link stays good', async (_name, typed, problem) => {
    const page = await server()
      .browser()
      .open(await requested());
    await page.submit(typed);
    expect([page.status, alertIn(page)]).toEqual([422, problem]);
    await page.submit(SET);
    expect(page.status).toBe(200);
  });

  test('names the issuer, whatever the Host header says', async () => {
    const page = await server().browser().open('/oauth2/forgot');
    const headers = {
      Host: 'evil.example',
      'X-Forwarded-Host': 'evil.example',
      Forwarded: 'host=evil.example',
    };
    const [, csrf] = /name="csrf" value="([^"]+)"/.exec(page.text)!;
    await page.open('/oauth2/forgot', {
      method: 'POST',
      body: new URLSearchParams({ csrf: csrf!, email: USER.email }),
      headers,
    });
    expect(await mailed()).toMatch(new RegExp(`^${server().issuer}/oauth2/link\\?token=[\\w-]{43}$`));
  });

  test('is asked for so often and no more: by account in silence, by address with a word', async () => {
    const at = await second();
    const { free } = RESET_ACCOUNT_BACK_OFF;
    for (let i = 0; i <= free; i++) expect((await forgot(USER.email, at)).text).toContain('is on its way');
    await write(`UPDATE "$S".identity_attempt SET attempts = ${RESET_ADDRESS_BACK_OFF.free}
      WHERE key = sha256('reset address 127.0.0.1')`);
    await forgot('a@clinic.example', at);
    const limited = await forgot('b@clinic.example', at);
    expect([limited.status, alertIn(limited)]).toEqual([429, expect.stringMatching(/^Too many attempts/)]);
    await at.identity.stop();
    expect(at.mails).toHaveLength(free);
  });

  test('does not take the second factor away', async () => {
    const page = await server()
      .browser()
      .open(await requested());
    server().users.set(USER.id, { ...USER, mfaRequired: true });
    await page.submit(SET);
    const browser = await server().browser().open(authorizeUrl(server()));
    await browser.submit({ email: USER.email, password: NEW, action: 'sign-in' });
    expect(browser.text).toContain('Set up an authenticator app');
  });
});

describe('forms', () => {
  test.each(['/oauth2/forgot', '/oauth2/link?token=x'])(
    'of another browser or page are refused: %s',
    async (path) => {
      const page = await server().browser().open('/oauth2/forgot');
      const [, csrf] = /name="csrf" value="([^"]+)"/.exec(page.text)!;
      for (const token of ['', csrf!]) {
        const other = await server()
          .browser()
          .open(path, { method: 'POST', body: new URLSearchParams({ email: USER.email, csrf: token }) });
        expect([other.status, other.text.includes('<title>This does not work')]).toEqual([403, true]);
      }
    },
  );

  test('set a cookie that no page of others can send', async () => {
    const page = await server().browser().open('/oauth2/forgot');
    expect(page.headers.get('set-cookie')).toMatch(
      /^maxray_page=[\w-]{32}; Path=\/oauth2\/; HttpOnly; SameSite=Strict$/,
    );
    const https = await second({}, { issuer: 'https://clinic.example/maxray' });
    const secure = await https.browser().open('/oauth2/forgot');
    expect(secure.headers.get('set-cookie')).toMatch(/Path=\/maxray\/oauth2\/; .*; Secure$/);
  });

  test.each(['', 'x', 'a'.repeat(500), '%00', "' OR 1=1"])(
    'an unknown link (%j) opens nothing',
    async (token) => {
      const page = await server().browser().open(`/oauth2/link?token=${token}`);
      expect(page.status).toBe(410);
    },
  );

  test('PUT is refused', async () => {
    expect((await server().browser().open('/oauth2/forgot', { method: 'PUT' })).status).toBe(405);
  });
});

describe('an invitation', () => {
  test('is for a user who can sign in, and is mailed', async () => {
    const guest = { ...USER, id: 'guest', email: 'guest@clinic.example' };
    server().users.set('guest', guest);
    const { link, expiresAtMs, mailed: isMailed } = await server().identity.invite('guest');
    expect([isMailed, expiresAtMs > Date.now() + 6 * 86_400_000]).toEqual([true, true]);
    const page = await server().browser().open(link);
    expect(page.text).toContain('<title>Choose your password');
    await page.submit(SET);
    const browser = await server().browser().open(authorizeUrl(server()));
    await browser.submit({ email: guest.email, password: NEW, action: 'sign-in' });
    expect(browser.text).toContain('Let this app in?');
    expect(server().users.get('guest')!.emailVerified).toBeUndefined();
    for (const id of ['unknown', 'off'])
      await expect(server().identity.invite(id)).rejects.toMatchObject({ category: 'not-found' });
  });

  test('without mail, is handed on by whoever invites; then nobody is offered what takes mail', async () => {
    const silent = await second({}, { sendsMail: false });
    const { link, mailed: isMailed } = await silent.identity.invite(USER.id);
    expect(isMailed).toBe(false);
    expect((await silent.browser().open(link)).text).toContain('Choose your password');
    const page = await silent.browser().open(authorizeUrl(silent));
    expect(page.text).not.toContain('Forgot');
    expect((await silent.browser().open('/oauth2/forgot')).status).toBe(404);
    await expect(silent.identity.sendVerification(USER.id)).rejects.toMatchObject({
      category: 'unprocessable',
    });
  });
});

test('an address is confirmed by the link sent to it, and by nothing that only opens it', async () => {
  await server().identity.sendVerification(USER.id);
  const page = await server()
    .browser()
    .open(await mailed());
  expect(page.text).toContain('<title>Confirm your email address');
  expect(server().users.get(USER.id)!.emailVerified).toBeUndefined();
  await page.submit({});
  expect([page.status, server().users.get(USER.id)!.emailVerified]).toEqual([200, true]);
  expect(await signsIn(PASSWORD)).toBe(true);
});

test('the table tells no link', async () => {
  const { link } = await server().identity.invite(USER.id);
  const token = new URL(link).searchParams.get('token')!;
  const { rows } = await server().test.database.read({
    name: '',
    text: `SELECT a::text AS row, encode(payload, 'escape') AS payload FROM "${server().test.schema}".identity_artifact a WHERE model = 'Link'`,
    values: [],
  });
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(token);
});

test('no defect was seen', () => {
  expect(server().defects).toEqual([]);
});
