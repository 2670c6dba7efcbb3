import { afterAll, expect, test } from '@jest/globals';
import { secondProvider } from '../externalProvider.ts';
import { authorizeUrl } from '../flow.ts';
import { identityForFile, USER } from '../support.ts';
import { chromiumForFile, FAULTS, isInstalled, picture } from './support.ts';

const { server, second } = identityForFile();
const chromium = chromiumForFile();
const closers: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closers.map((close) => close())));

(isInstalled() ? test : test.skip)('somebody signs in at another provider in a real browser', async () => {
  let issuer = '';
  const hospital = await secondProvider(() => `${issuer}/oauth2/sso`);
  closers.push(hospital.close);
  hospital.person = { sub: 'n-1', email: USER.email, email_verified: true };
  const own = await second({}, { own: true, externalProviders: [hospital.settings] });
  ({ issuer } = own);
  const page = await chromium().page();
  await page.open(authorizeUrl(own));
  await page.heading('Sign in');
  expect(await page.evaluate(FAULTS)).toEqual([]);
  await picture(page, 'sign-in-external');
  await page.click('a[href="?provider=hospital"]');
  await page.heading('Let this app in?');
  await page.open(`${issuer}/oauth2/account`);
  await page.heading('Your account');
  expect(await page.text()).toContain(`as ${USER.email}`);
  await picture(page, 'account-external');

  hospital.person = { sub: 'x-1', email: 'nobody@clinic.example', email_verified: true };
  const stranger = await chromium().page();
  await stranger.open(authorizeUrl(own));
  await stranger.click('a[href="?provider=hospital"]');
  await stranger.waitFor('document.querySelector("[role=alert]")');
  await picture(stranger, 'external-unknown');
  expect([own.defects, server().defects]).toEqual([[], []]);
});
