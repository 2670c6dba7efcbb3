import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { Browser } from '../identity/browser.ts';
import { chromiumForFile, isInstalled, picture } from '../identity/chromium/support.ts';
import { startReceiver, type Receiver } from '../events/support/receiver.ts';
import { plainSubscription } from '../events/support/subscriptions.ts';
import { People, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PAGE = '/oauth2/queues';

/** What its policy keeps from a page. */
const REFUSED = `var refused = []; document.addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective + ' ' + event.blockedURI))`;

let server: TestServer;
let receiver: Receiver;
let admin: Person;
let nurse: Person;
const chromium = chromiumForFile();
beforeAll(async () => {
  server = await startTestServer();
  receiver = await startReceiver();
  const people = new People(server);
  await people.prepare('maxray-nurse');
  const profile = 'Practitioner/1';
  await people.put({ resourceType: 'Practitioner', id: '1' });
  admin = await people.person('chief', { profile, policies: ['maxray-nurse'], admin: true });
  nurse = await people.person('nurse', { profile, policies: ['maxray-nurse'] });
  const subscription = plainSubscription('Observation', `${receiver.url}/told`);
  await server.api().post('/Subscription').send(subscription).expect(201);
});
afterAll(async () => {
  receiver?.close();
  await server?.stop();
});

async function signedIn({ email, password }: Person): Promise<Browser> {
  const browser = await new Browser(server.url, server.url).open(PAGE);
  expect(browser.text).toContain('Sign in');
  return browser.submit({ email, password, action: 'sign-in' });
}

test('nobody sees the queue but administrators, and nobody changes it', async () => {
  const anonymous = await request(server.url).get(`${PAGE}/api/queues`).expect(401);
  expect(anonymous.headers['www-authenticate']).toMatch(/^Bearer/);
  await request(server.url).get(PAGE).set('Authorization', 'Bearer nothing').expect(401);
  const bearer = () => ({ Authorization: server.authorization });
  const { body } = await request(server.url).get(`${PAGE}/api/queues`).set(bearer()).expect(200);
  expect(body.queues).toMatchObject([{ readOnlyMode: true, counts: { failed: 0 } }]);
  const [{ name }] = body.queues as [{ name: string }];
  const pause = await request(server.url).put(`${PAGE}/api/queues/${name}/pause`).set(bearer());
  expect(pause.status).toBe(405);

  const browser = await signedIn(nurse);
  expect(browser.url).toBe(`${server.url}${PAGE}`);
  expect([browser.status, browser.text]).toEqual([403, 'Only administrators see the queue.\n']);
});

test('an administrator signs in, and comes back to the page', async () => {
  const browser = await signedIn(admin);
  expect([browser.url, browser.status]).toEqual([`${server.url}${PAGE}`, 200]);
  expect(browser.text).toContain('<title>MaxRay</title>');
  expect(browser.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(browser.headers.get('cache-control')).toBe('no-store');
});

(isInstalled() ? test : test.skip)('the page works in a real browser', async () => {
  const page = await chromium().page();
  await page.send('Page.addScriptToEvaluateOnNewDocument', { source: REFUSED });
  await page.open(`${server.url}${PAGE}`);
  await page.heading('Sign in');
  await page.fill('#email', admin.email);
  await page.fill('#password', admin.password);
  await page.click('button[value=sign-in]');
  await page.waitFor(`document.body.innerText.includes('test_')`);
  await picture(page, 'queues');
  await page.open(`${server.url}${PAGE}/`);
  await page.waitFor(`document.querySelector('a[href*="/queue/"]')`);
  await page.click('a[href*="/queue/"]');
  await page.waitFor(`location.pathname.includes('/queue/')`);
  await page.waitFor(`/no latest jobs/i.test(document.body.innerText)`);
  await picture(page, 'queue');
  // Fonts from elsewhere, and styles that nothing depends on: all that it needs is allowed.
  for (const refused of (await page.evaluate('refused')) as string[])
    expect(refused).toMatch(/^style-src-(attr inline|elem inline|elem https:\/\/fonts\.googleapis\.com\/)/);
});
