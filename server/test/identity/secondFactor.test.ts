import { beforeEach, describe, expect, test } from '@jest/globals';
import { totpCode } from '../../src/identity/factors/totp.ts';
import { RECOVERY_CODES } from '../../src/identity/factors/secondFactors.ts';
import { ACCOUNT_BACK_OFF } from '../../src/identity/signIn.ts';
import type { Browser } from './browser.ts';
import { authorizeUrl, claimsOf, exchange } from './flow.ts';
import { identityForFile, PASSWORD, USER } from './support.ts';

const { server } = identityForFile();
const RIGHT = { email: USER.email, password: PASSWORD, action: 'sign-in' };
const write = (text: string) =>
  server().test.database.write({ name: '', text: text.replace('$S', server().test.schema), values: [] });
const kinds = () => server().events.map(({ kind }) => kind);

beforeEach(async () => {
  await write('DELETE FROM "$S".identity_attempt');
  await write('DELETE FROM "$S".identity_credential');
  server().users.set(USER.id, { ...USER, mfaRequired: true });
  server().events.length = 0;
});

/** Up to the second step. */
async function withPassword(): Promise<Browser> {
  const browser = await server().browser().open(authorizeUrl(server()));
  return browser.submit(RIGHT);
}
const secretIn = ({ text }: Browser): string => /[?&]secret=([A-Z2-7]+)/.exec(text)![1]!;
const codesIn = ({ text }: Browser): string[] =>
  [...text.matchAll(/<code>([A-Z2-7-]{19})<\/code>/g)].map(([, code]) => code!);
const alertIn = ({ text }: Browser): string | undefined => /role="alert">([^<]+)</.exec(text)?.[1];

/** A user with an app; time stands where codes of now are used, and those of 30 s ahead are not. */
async function enrolled(): Promise<{ browser: Browser; secret: string; codes: string[] }> {
  const browser = await withPassword();
  const secret = secretIn(browser);
  await browser.submit({ code: totpCode(secret, Date.now()), action: 'enrol' });
  const codes = codesIn(browser);
  await browser.submit({ action: 'continue' });
  return { browser, secret, codes };
}
/** A code that was not used for enrolling. */
const nextCode = (secret: string): string => totpCode(secret, Date.now() + 30_000);

describe('setting one up', () => {
  test('is asked for at sign-in where the role has to have one, and nothing is got before', async () => {
    const browser = await withPassword();
    expect(browser.text).toContain('<title>Set up an authenticator app');
    expect(browser.text).toContain('<svg');
    expect(browser.headers.get('content-security-policy')).toContain("default-src 'none'");
    await browser.open(browser.url);
    expect(browser.text).toContain('<title>Set up an authenticator app');
    expect(kinds()).toEqual([]);
    const secret = secretIn(browser);
    await browser.submit({ code: '12345', action: 'enrol' });
    expect([browser.status, alertIn(browser)]).toEqual([403, expect.stringContaining('code is wrong')]);
    expect(secretIn(browser)).toBe(secret);
    await browser.submit({ code: totpCode(secret, Date.now()), action: 'enrol' });
    const codes = codesIn(browser);
    expect(new Set(codes).size).toBe(RECOVERY_CODES);
    await browser.submit({ action: 'continue' });
    expect(browser.text).toContain('Let this app in?');
    expect(browser.text).not.toContain(codes[0]!);
    await browser.submit({ scope: 'user/*.rs', action: 'allow' });
    const { body } = await exchange(server(), browser.query.get('code')!);
    expect(claimsOf(String(body.id_token)).amr).toEqual(['pwd', 'otp', 'mfa']);
    expect(server().events.filter(({ kind }) => kind.startsWith('mfa') || kind === 'sign-in')).toMatchObject([
      { kind: 'mfa-failed', userId: USER.id },
      { kind: 'mfa-enrolled', userId: USER.id, detail: 'totp' },
      { kind: 'sign-in', userId: USER.id, detail: 'pwd otp mfa' },
    ]);
  });

  test('cannot be skipped by asking for the next page', async () => {
    const browser = await withPassword();
    const { url } = browser;
    await browser.submit({ action: 'continue' });
    expect(browser.status).toBe(403);
    await browser.open(url.replace('/interaction/', '/authorize/'));
    expect(browser.text).not.toContain('Let this app in?');
    await browser.open(authorizeUrl(server()));
    expect(browser.text).toContain('<title>Sign in');
  });

  test('with the password alone is over once there is one', async () => {
    const thief = await withPassword();
    const { secret } = await enrolled();
    const own = secretIn(thief);
    await thief.submit({ code: totpCode(own, Date.now()), action: 'enrol' });
    expect(thief.text).toContain('<title>Second step');
    await thief.submit({ code: totpCode(own, Date.now()), action: 'code' });
    expect(alertIn(thief)).toContain('code is wrong');
    const owner = await (await withPassword()).submit({ code: nextCode(secret), action: 'code' });
    expect(owner.text).toContain('Let this app in?');
  });

  test('a session from before the role asked for it is not enough', async () => {
    server().users.set(USER.id, USER);
    const browser = await withPassword();
    expect(browser.text).toContain('Let this app in?');
    await browser.open(authorizeUrl(server()));
    expect(browser.text).toContain('Let this app in?');
    server().users.set(USER.id, { ...USER, mfaRequired: true });
    await browser.open(authorizeUrl(server()));
    expect(browser.text).toContain('<title>Sign in');
  });
});

describe('the second step', () => {
  test('takes a code once', async () => {
    const { secret } = await enrolled();
    const code = nextCode(secret);
    const first = await withPassword();
    const second = await withPassword();
    await first.submit({ code: `${code.slice(0, 3)} ${code.slice(3)}`, action: 'code' });
    expect(first.text).toContain('Let this app in?');
    await second.submit({ code, action: 'code' });
    expect(alertIn(second)).toContain('used already');
  });

  test('of two who send the same code at once, one gets in', async () => {
    const { secret } = await enrolled();
    const browsers = [await withPassword(), await withPassword(), await withPassword()];
    const code = nextCode(secret);
    await Promise.all(browsers.map((browser) => browser.submit({ code, action: 'code' })));
    expect(browsers.filter(({ text }) => text.includes('Let this app in?'))).toHaveLength(1);
  });

  test('takes each recovery code once, however it is typed', async () => {
    const { codes } = await enrolled();
    const typed = codes[3]!.replaceAll('-', ' ').toLowerCase();
    const browser = await (await withPassword()).submit({ code: typed, action: 'code' });
    expect(browser.text).toContain('Let this app in?');
    const again = await (await withPassword()).submit({ code: codes[3]!, action: 'code' });
    expect(alertIn(again)).toContain('code is wrong');
    await again.submit({ code: codes[4]!, action: 'code' });
    expect(again.text).toContain('Let this app in?');
    expect((await server().identity.secondFactors.of(USER.id)).recoveryCodes).toBe(RECOVERY_CODES - 2);
  });

  test("takes nobody else's recovery code", async () => {
    server().users.set('doctor', {
      ...USER,
      id: 'doctor',
      email: 'doctor@clinic.example',
      mfaRequired: true,
    });
    await server().identity.passwords.set('doctor', PASSWORD);
    const { codes } = await enrolled();
    const doctor = await server().browser().open(authorizeUrl(server()));
    await doctor.submit({ ...RIGHT, email: 'doctor@clinic.example' });
    await doctor.submit({ code: totpCode(secretIn(doctor), Date.now()), action: 'enrol' });
    const other = await server().browser().open(authorizeUrl(server()));
    await other.submit({ ...RIGHT, email: 'doctor@clinic.example' });
    await other.submit({ code: codes[0]!, action: 'code' });
    expect(alertIn(other)).toContain('code is wrong');
  });

  test('counts towards the lock-out, which the right password does not lift', async () => {
    const { secret } = await enrolled();
    const alerts = [];
    for (let i = 0; i < ACCOUNT_BACK_OFF.free; i++) {
      const browser = await withPassword();
      if (!browser.text.includes('Second step')) {
        alerts.push(alertIn(browser));
        continue;
      }
      await browser.submit({ code: '000000', action: 'code' });
      alerts.push(alertIn(browser));
    }
    expect(alerts.slice(0, 2)).toEqual([
      expect.stringContaining('code is wrong'),
      expect.stringContaining('code is wrong'),
    ]);
    expect(alerts.slice(2)).toEqual(alerts.slice(2).map(() => expect.stringContaining('Too many attempts')));
    expect(kinds()).toContain('sign-in-locked');
    await write('DELETE FROM "$S".identity_attempt');
    const browser = await (await withPassword()).submit({ code: nextCode(secret), action: 'code' });
    expect(browser.text).toContain('Let this app in?');
    const { rows } = await write('DELETE FROM "$S".identity_attempt WHERE attempts > 0 RETURNING 1');
    expect(rows).toEqual([]);
  });

  test('is that of the user who typed the password, in that browser', async () => {
    await enrolled();
    const browser = await withPassword();
    await browser.submit({ action: 'restart' });
    expect(browser.text).toContain('<title>Sign in');
    const other = await server().browser().open(browser.url);
    expect(other.status).toBe(400);
  });

  test('is over when an administrator has removed it', async () => {
    await enrolled();
    await server().identity.secondFactors.removeAll(USER.id);
    expect((await withPassword()).text).toContain('<title>Set up an authenticator app');
  });
});

test('no row of the table tells a secret or a code', async () => {
  const { secret, codes } = await enrolled();
  const { rows } = await server().test.database.read({
    name: '',
    text: `SELECT c::text AS row, encode(value, 'escape') AS value FROM "${server().test.schema}".identity_credential c`,
    values: [],
  });
  expect(rows).toHaveLength(RECOVERY_CODES + 1);
  for (const hidden of [secret, ...codes, ...codes.map((code) => code.replaceAll('-', ''))])
    expect(JSON.stringify(rows)).not.toContain(hidden);
});

test('no defect was seen', () => {
  expect(server().defects).toEqual([]);
});
