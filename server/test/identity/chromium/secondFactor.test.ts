import { expect, test } from '@jest/globals';
import { totpCode } from '../../../src/identity/factors/totp.ts';
import { authorizeUrl } from '../flow.ts';
import { identityForFile, PASSWORD, USER } from '../support.ts';
import { chromiumForFile, FAULTS, isInstalled, picture } from './support.ts';

const { server } = identityForFile();
const chromium = chromiumForFile();

(isInstalled() ? test : test.skip)('a second factor is set up and used in a real browser', async () => {
  server().users.set(USER.id, { ...USER, mfaRequired: true });
  const page = await chromium().page();
  await page.open(authorizeUrl(server()));
  await page.heading('Sign in');
  await picture(page, 'sign-in');
  await page.fill('#email', USER.email);
  await page.fill('#password', PASSWORD);
  await page.click('button[value=sign-in]');

  await page.heading('Set up an authenticator app');
  expect(await page.evaluate(FAULTS)).toEqual([]);
  await picture(page, 'set-up');
  // The policy lets the picture be seen: it has its size, and dark modules.
  expect(await page.evaluate('document.querySelector("svg path").getBoundingClientRect().width > 100')).toBe(
    true,
  );
  const key = String(await page.evaluate('document.querySelector("#key").innerText')).replaceAll(' ', '');
  expect(await page.evaluate('document.activeElement.id')).toBe('code');
  await page.fill('#code', '000000');
  await page.click('button[value=enrol]');
  await page.waitFor('document.querySelector("[role=alert]")');
  await picture(page, 'set-up-wrong');
  await page.fill('#code', totpCode(key, Date.now()));
  await page.click('button[value=enrol]');

  await page.heading('Your recovery codes');
  await picture(page, 'recovery-codes');
  await page.click('button[value=continue]');
  await page.heading('Let this app in?');

  const other = await chromium().page();
  await other.open(authorizeUrl(server()));
  await other.fill('#email', USER.email);
  await other.fill('#password', PASSWORD);
  await other.click('button[value=sign-in]');
  await other.heading('Second step');
  expect(await other.evaluate(FAULTS)).toEqual([]);
  await picture(other, 'second-step');
  await other.fill('#code', totpCode(key, Date.now() + 30_000));
  await other.click('button[value=code]');
  await other.heading('Let this app in?');
});
