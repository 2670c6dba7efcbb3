import { beforeEach, expect, test } from '@jest/globals';
import type { ChromiumPage } from '../../support/chromium.ts';
import { authorizeUrl } from '../flow.ts';
import { identityForFile, PASSWORD, USER } from '../support.ts';
import { chromiumForFile, FAULTS, isInstalled, picture } from './support.ts';

// Browsers know passkeys of names, not of addresses.
const { server } = identityForFile({ host: 'localhost' });
const chromium = chromiumForFile();
const inBrowser = isInstalled() ? test : test.skip;

/** A device whose owner always agrees: a phone, or a security key that has no way to tell who holds it. */
async function device(page: ChromiumPage, kind: 'phone' | 'key' = 'phone'): Promise<string> {
  await page.send('WebAuthn.enable', {});
  const { authenticatorId } = await page.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: kind === 'phone' ? 'internal' : 'usb',
      hasResidentKey: kind === 'phone',
      hasUserVerification: kind === 'phone',
      isUserVerified: kind === 'phone',
      automaticPresenceSimulation: true,
    },
  });
  return String(authenticatorId);
}
const signOut = (page: ChromiumPage) => page.send('Network.clearBrowserCookies', {});
async function withPassword(page: ChromiumPage): Promise<void> {
  await page.fill('#email', USER.email);
  await page.fill('#password', PASSWORD);
  await page.click('button[value=sign-in]');
}
beforeEach(async () => {
  server().users.set(USER.id, USER);
  await server().identity.secondFactors.removeAll(USER.id);
});
const kinds = () => server().events.map(({ kind, detail }) => [kind, detail]);

inBrowser('a passkey is added, signs in alone and as a second step, and is removed', async () => {
  const page = await chromium().page();
  const authenticatorId = await device(page);
  await page.open(`${server().issuer}/oauth2/account/passkey`);
  await page.heading('Sign in');
  await picture(page, 'sign-in-passkey');
  await withPassword(page);
  await page.heading('Add a passkey');
  await page.waitFor('!document.querySelector("#passkey").hidden');
  expect(await page.evaluate(FAULTS)).toEqual([]);
  await picture(page, 'add-passkey');
  await page.fill('#label', 'My <phone>');
  await page.click('#passkey button');
  await page.heading('Your recovery codes');

  await signOut(page);
  await page.open(authorizeUrl(server()));
  await page.heading('Sign in');
  await page.click('#passkey button');
  await page.heading('Let this app in?');
  expect(kinds()).toContainEqual(['sign-in', 'pop user mfa']);

  await signOut(page);
  await page.open(authorizeUrl(server()));
  await withPassword(page);
  await page.heading('Second step');
  await page.waitFor('!document.querySelector("#passkey").hidden');
  expect(await page.evaluate(FAULTS)).toEqual([]);
  await picture(page, 'second-step-passkey');
  await page.click('#passkey button');
  await page.heading('Let this app in?');
  expect(kinds()).toContainEqual(['sign-in', 'pwd pop mfa']);

  await page.open(`${server().issuer}/oauth2/account`);
  await page.heading('Your account');
  expect(await page.text()).toContain('My <phone>');
  await picture(page, 'account-passkey');
  await page.evaluate(
    `[...document.querySelectorAll('button')].find((one) => one.innerText.startsWith('Remove')).click()`,
  );
  await page.waitFor('document.querySelector("[role=status]")');
  expect(await server().identity.secondFactors.of(USER.id)).toEqual({
    totp: false,
    passkeys: false,
    recoveryCodes: 0,
  });
  await signOut(page);
  await page.open(authorizeUrl(server()));
  await page.heading('Sign in');
  await page.click('#passkey button');
  await page.waitFor('document.querySelector("[role=alert]:not(:empty)")');
  expect(await page.text()).toContain('This passkey does not sign in here.');
  await page.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
});

inBrowser('a security key that verifies nobody is a second factor, and no more', async () => {
  server().users.set(USER.id, { ...USER, mfaRequired: true });
  const page = await chromium().page();
  const authenticatorId = await device(page, 'key');
  await page.open(authorizeUrl(server()));
  await withPassword(page);
  await page.heading('Set up an authenticator app');
  await page.waitFor('!document.querySelector("#passkey").hidden');
  await picture(page, 'set-up-with-passkey');
  await page.click('#passkey button');
  await page.heading('Your recovery codes');
  await page.click('button[value=continue]');
  await page.heading('Let this app in?');
  expect(kinds()).toContainEqual(['mfa-enrolled', 'passkey']);

  await signOut(page);
  await page.open(authorizeUrl(server()));
  await page.heading('Sign in');
  await page.click('#passkey button');
  await page.waitFor('document.querySelector("[role=alert]:not(:empty)")');
  expect(await page.text()).toContain('No passkey was used.');
  await picture(page, 'passkey-refused');
  // Nor where its owner asks the device for less than the page does.
  const { credentials } = await page.send('WebAuthn.getCredentials', { authenticatorId });
  const [{ credentialId }] = credentials as [{ credentialId: string }];
  const id = Buffer.from(credentialId, 'base64').toString('base64url');
  await page.evaluate(`(async () => {
    const form = document.querySelector('#passkey');
    const options = { ...JSON.parse(form.dataset.options), userVerification: 'discouraged' };
    options.allowCredentials = [{ type: 'public-key', id: '${id}' }];
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    form.elements.credential.value = JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
    form.submit();
  })()`);
  await page.waitFor('document.body.innerText.includes("does not sign in here")');
  await withPassword(page);
  await page.heading('Second step');
  await page.click('#passkey button');
  await page.heading('Let this app in?');
  await page.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
});

inBrowser('what a device signed is good once, in the browser and on the page that it was for', async () => {
  const page = await chromium().page();
  const authenticatorId = await device(page);
  await page.open(`${server().issuer}/oauth2/account/passkey`);
  await withPassword(page);
  await page.heading('Add a passkey');
  await page.waitFor('!document.querySelector("#passkey").hidden');
  await page.click('#passkey button');
  await page.heading('Your recovery codes');

  await signOut(page);
  await page.open(authorizeUrl(server()));
  await page.heading('Sign in');
  const signed = String(
    await page.evaluate(`(async () => {
      const options = JSON.parse(document.querySelector('#passkey').dataset.options);
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
    })()`),
  );
  const submit = async (
    browser: { submit: (fields: Record<string, string>) => Promise<unknown> },
    text: string,
  ) => browser.submit({ action: 'passkey', credential: text });
  // Another browser's challenge; broken and foreign texts.
  const changed = (change: (value: { id: string; response: Record<string, string> }) => void): string => {
    const value = JSON.parse(signed) as { id: string; response: Record<string, string> };
    change(value);
    return JSON.stringify(value);
  };
  const handle = Buffer.from('doctor').toString('base64url');
  for (const text of [
    signed,
    '',
    'null',
    '{}',
    '[]',
    '{"id":1}',
    changed((value) => (value.id = 'unknown')),
    changed((value) => (value.response.userHandle = handle)),
    changed((value) => (value.response.signature = 'AAAA')),
    changed((value) => delete value.response.authenticatorData),
  ]) {
    const other = await server().browser().open(authorizeUrl(server()));
    await submit(other, text);
    expect([other.status, other.text.includes('does not sign in here')]).toEqual([403, true]);
  }
  const fill = `(() => { const form = document.querySelector('#passkey');
    form.elements.credential.value = ${JSON.stringify(signed)}; form.submit(); })()`;
  const url = String(await page.evaluate('location.href'));
  await page.evaluate(fill);
  await page.heading('Let this app in?');
  await signOut(page);
  await page.open(authorizeUrl(server()));
  await page.heading('Sign in');
  expect(await page.evaluate('location.href')).not.toBe(url);
  await page.evaluate(fill);
  await page.waitFor('document.querySelector("[role=alert]:not(:empty)")');
  expect(await page.text()).toContain('does not sign in here');
  await page.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  expect(server().defects).toEqual([]);
});

test('only our script may run, and only on pages that need it', async () => {
  const browser = await server().browser().open(authorizeUrl(server()));
  const script = `${server().issuer}/oauth2/passkey.js`;
  expect(browser.headers.get('content-security-policy')).toContain(`script-src ${script};`);
  expect(browser.text.match(/<script/g)).toHaveLength(1);
  const served = await fetch(script);
  expect([
    served.status,
    served.headers.get('content-type'),
    served.headers.get('x-content-type-options'),
  ]).toEqual([200, 'text/javascript; charset=utf-8', 'nosniff']);
  const forgot = await server().browser().open('/oauth2/forgot');
  expect(forgot.headers.get('content-security-policy')).not.toContain('script-src');
});
