import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { Browser } from '../identity/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// The whole server with people: policies that ask for a second factor, a mail server, links.
const PASSWORD = 'four plain words here';
let server: TestServer;
let smtp: SMTPServer;
const mails: string[] = [];

beforeAll(async () => {
  smtp = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, _session, done) => {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
      stream.on('end', () => {
        mails.push(text.replace(/=\r\n/g, '').replaceAll('=3D', '='));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as AddressInfo;
  server = await startTestServer({
    smtpUrl: `smtp://127.0.0.1:${port}`,
    mailFrom: 'maxray@clinic.example',
    mfaPolicies: ['strict', 'admin'],
  });
  for (const id of ['strict', 'plain'])
    await put({ resourceType: 'AccessPolicy', id, name: id, resource: [{ resourceType: 'Patient' }] });
  await put({
    ...{ resourceType: 'AccessPolicy', id: 'derived', name: 'derived' },
    basedOn: [{ reference: 'AccessPolicy/strict' }],
  });
  await put({ resourceType: 'Project', id: 'clinic', name: 'Clinic' });
});
afterAll(async () => {
  await server?.stop();
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
});
beforeEach(() => void (mails.length = 0));

const put = async (resource: { resourceType: string; id: string } & Record<string, unknown>) => {
  const { status, body } = await server.api().put(`/${resource.resourceType}/${resource.id}`).send(resource);
  if (status >= 300) throw new Error(JSON.stringify(body));
};

/** A user with what a membership assigns; @returns the link of the invitation */
async function invited(id: string, membership: Record<string, unknown>): Promise<string> {
  const email = `${id}@clinic.example`;
  await put({ resourceType: 'User', id, firstName: 'A', lastName: 'B', email });
  const refers = {
    project: { reference: 'Project/clinic' },
    user: { reference: `User/${id}` },
    profile: { reference: 'Practitioner/1' },
  };
  await put({ resourceType: 'ProjectMembership', id, ...refers, ...membership });
  const { body } = await server.api().post(`/User/${id}/$invite`).send({ resourceType: 'Parameters' });
  const { parameter } = body as { parameter: { name: string; valueUrl?: string }[] };
  return parameter.find(({ name }) => name === 'link')!.valueUrl!;
}
/** What comes after the password. */
async function afterPassword(id: string, link: string): Promise<string> {
  const browser = new Browser(server.url, server.url);
  await (await browser.open(link)).submit({ password: PASSWORD, repeat: PASSWORD });
  await browser.open(`${server.url}/oauth2/account`);
  await browser.submit({ email: `${id}@clinic.example`, password: PASSWORD, action: 'sign-in' });
  return /<h1>([^<]+)/.exec(browser.text)![1]!;
}

test.each<[string, Record<string, unknown>, string]>([
  ['by-policy', { accessPolicy: { reference: 'AccessPolicy/strict' } }, 'Set up an authenticator app'],
  [
    'by-access',
    { access: [{ policy: { reference: 'AccessPolicy/strict' } }] },
    'Set up an authenticator app',
  ],
  [
    'by-what-it-is-based-on',
    { access: [{ policy: { reference: 'AccessPolicy/derived' } }] },
    'Set up an authenticator app',
  ],
  ['by-admin', { admin: true }, 'Set up an authenticator app'],
  ['plain', { accessPolicy: { reference: 'AccessPolicy/plain' } }, 'Your account'],
])('a second factor is asked for as the membership says: %s', async (id, membership, heading) => {
  expect(await afterPassword(id, await invited(id, membership))).toBe(heading);
});

test('a link that came by mail resets the password, and shows that the address is right', async () => {
  await invited('nurse', {});
  const browser = await new Browser(server.url, server.url).open('/oauth2/forgot');
  await browser.submit({ email: 'Nurse@clinic.example' });
  while (!mails.some((mail) => mail.includes('Subject: Reset'))) await sleep(10);
  const [link] = /http:\/\/\S+token=\S+/.exec(mails.find((mail) => mail.includes('Subject: Reset'))!)!;
  expect(await afterPassword('nurse', link)).toBe('Your account');
  const { body } = await server.api().get('/User/nurse');
  expect(body).toMatchObject({ emailVerified: true, email: 'nurse@clinic.example' });
});
