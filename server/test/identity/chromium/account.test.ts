import { expect, test } from '@jest/globals';
import { totpCode } from '../../../src/identity/factors/totp.ts';
import { tokens } from '../flow.ts';
import { identityForFile, PASSWORD, USER } from '../support.ts';
import { chromiumForFile, FAULTS, isInstalled, picture } from './support.ts';

const { server } = identityForFile();
const chromium = chromiumForFile();

(isInstalled() ? test : test.skip)('the account is looked at and changed in a real browser', async () => {
  server().users.set(USER.id, { ...USER, emailVerified: false });
  await tokens(server(), { scope: 'openid patient/*.rs patient/Observation.cu offline_access' });
  const page = await chromium().page();
  await page.open(`${server().issuer}/oauth2/account`);
  await page.heading('Sign in');
  await page.fill('#email', USER.email);
  await page.fill('#password', PASSWORD);
  await page.click('button[value=sign-in]');
  await page.heading('Your account');
  expect(await page.evaluate(FAULTS)).toEqual([]);
  expect(await page.text()).toContain('Chrome on Linux (this one)');
  await picture(page, 'account');

  await page.click('a[href="account/totp"]');
  await page.heading('Set up an authenticator app');
  const key = String(await page.evaluate('document.querySelector("#key").innerText')).replaceAll(' ', '');
  await picture(page, 'account-totp');
  await page.fill('#code', totpCode(key, Date.now()));
  await page.click('button[value=enrol]');
  await page.heading('Your recovery codes');
  await page.click('a[href="../account"]');
  await page.heading('Your account');
  expect(await page.text()).toContain('Unused: 10.');

  const press = (label: string) =>
    page.evaluate(
      `[...document.querySelectorAll('button')].find((one) => one.innerText.startsWith(${JSON.stringify(label)})).click()`,
    );
  await press('Remove access');
  await page.waitFor('document.querySelector("[role=status]")');
  expect(await page.text()).toContain('The app has no access any more.');
  await picture(page, 'account-note');
  await page.click('a[href="account/password"]');
  await page.heading('Change your password');
  expect(await page.evaluate(FAULTS)).toEqual([]);
  await picture(page, 'account-password');
  await page.click('a[href="../account"]');
  await page.heading('Your account');
  await press('Sign out everywhere');
  await page.heading('Signed out');
  await page.click('a[href="account"]');
  await page.heading('Sign in');
});
