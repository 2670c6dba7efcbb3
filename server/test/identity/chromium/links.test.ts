import { expect, test } from '@jest/globals';
import { identityForFile, USER } from '../support.ts';
import { authorizeUrl } from '../flow.ts';
import { chromiumForFile, FAULTS, isInstalled, picture } from './support.ts';

const { server } = identityForFile();
const chromium = chromiumForFile();
const NEW = 'a quite different one';

(isInstalled() ? test : test.skip)('a forgotten password is set anew in a real browser', async () => {
  const page = await chromium().page();
  await page.open(authorizeUrl(server()));
  await page.click('a[href="../forgot"]');
  await page.heading('Forgot your password?');
  expect(await page.evaluate(FAULTS)).toEqual([]);
  await picture(page, 'forgot');
  await page.fill('#email', USER.email);
  await page.click('button');
  await page.heading('Look into your mail');
  await picture(page, 'forgot-sent');

  const { link } = await server().identity.invite(USER.id);
  await page.open(link);
  await page.heading('Choose your password');
  expect(await page.evaluate(FAULTS)).toEqual([]);
  await page.fill('#password', NEW);
  await page.fill('#repeat', `${NEW}?`);
  await page.click('button');
  await page.waitFor('document.querySelector("[role=alert]")');
  await picture(page, 'new-password-wrong');
  await page.fill('#password', NEW);
  await page.fill('#repeat', NEW);
  await page.click('button');
  await page.heading('Done');
  await picture(page, 'new-password-done');
  await page.open(link);
  await page.heading('This does not work');
  await picture(page, 'link-used');
  await page.open(authorizeUrl(server()));
  await page.fill('#email', USER.email);
  await page.fill('#password', NEW);
  await page.click('button[value=sign-in]');
  await page.heading('Let this app in?');
});
