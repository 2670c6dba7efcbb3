import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { AccessPolicy, Bot, Patient, ProjectMembership, Subscription } from '@medplum/fhirtypes';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ADMINISTRATOR } from '../support/administrator.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const OFF = 'https://maxray.example/fhir/StructureDefinition/maxray-bot-off';
const SYSTEM = 'https://maxray.example/fhir/identifier/test-bot';

let folder: string;
let server: TestServer;
let admin: MedplumClient;
/** The same store for all servers of this file. */
const databaseSchema = `test_own_bots_${process.pid}`;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'maxray-bots-'));
  write('counter', COUNTER);
  write('gateway', GATEWAY);
  await start();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Says of each patient that it was seen, how often its process has run, and what it knows. */
const COUNTER = `
let runs = 0;
export const bot = {
  name: 'counter', title: 'Counter', description: 'Counts patients',
  triggers: [{ criteria: 'Patient?family=Counted' }, { operation: true }, { cron: '0 3 * * *', timeZone: 'Africa/Kampala' }],
  policy: { resource: [{ resourceType: 'Patient' }, { resourceType: 'Basic' }] },
  limits: { timeoutMs: 20000 },
  secrets: ['known', 'unknown'],
};
export async function handler(medplum: any, event: any): Promise<unknown> {
  runs += 1;
  if (event.input.crash) process.exit(3);
  if (event.input.resourceType !== 'Patient') return { runs, secrets: event.secrets, env: Object.keys(process.env), pid: process.pid };
  await medplum.createResourceIfNoneExist(
    { resourceType: 'Basic', identifier: [{ system: '${SYSTEM}', value: event.input.id }], code: { text: event.headers['idempotency-key'] } },
    'identifier=${SYSTEM}|' + event.input.id,
  );
}`;

/** Takes what a gateway signs. */
const GATEWAY = `
export const bot = {
  name: 'gateway', title: 'Gateway', description: 'Takes words of a gateway',
  triggers: [{ webhook: true }],
  policy: {},
};
export async function handler(_medplum: any, { input, contentType, headers }: any): Promise<unknown> {
  if (headers['x-signature'] !== 'right') throw new Error('not signed by the gateway');
  return { input, contentType, key: headers['idempotency-key'], authorization: headers.authorization ?? null };
}`;

/** Notes for which second it was called. */
const TICKER = `
export const bot = {
  name: 'ticker', title: 'Ticker', description: 'Ticks',
  triggers: [{ cron: '* * * * * *' }],
  policy: { resource: [{ resourceType: 'Basic' }] },
};
export async function handler(medplum: any, { input, headers }: any): Promise<void> {
  const code = { text: [input.resourceType, headers['x-maxray-scheduled-time'], headers['idempotency-key']].join(' ') };
  await medplum.upsertResource({ resourceType: 'Basic', identifier: [{ system: '${SYSTEM}', value: 'tick' }], code }, 'identifier=${SYSTEM}|tick');
}`;

function write(name: string, text: string): void {
  mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, name, 'bot.ts'), text);
}

async function start(): Promise<void> {
  const botSecrets = new Map([
    ['known', 'secret-1'],
    ['other', 'secret-2'],
  ]);
  server = await startTestServer({ databaseSchema, bots: 'all', botsFolder: folder, botSecrets });
  admin = new MedplumClient({ baseUrl: `${server.url}/`, fhirUrlPath: 'fhir/R4', maxRetries: 0 });
  await admin.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
}

async function restart(): Promise<void> {
  await server.stop();
  await start();
}

const ID = 'maxray-bot-counter';
const subscriptionOf = (number: number) => admin.readResource('Subscription', `${ID}-${number}`);

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const patient = (family: string) =>
  admin.createResource<Patient>({ resourceType: 'Patient', name: [{ family }] });
const counted = (id: string) => admin.searchOne('Basic', `identifier=${SYSTEM}|${id}`);

test('is installed with its rights, Subscription and schedule, and runs on events', async () => {
  const bot: Bot = await admin.readResource('Bot', ID);
  expect(bot).toMatchObject({ name: 'Counter', timeout: 20, identifier: [{ value: 'counter' }] });
  const membership: ProjectMembership = await admin.readResource('ProjectMembership', ID);
  expect(membership).toMatchObject({
    user: { reference: `Bot/${ID}` },
    access: [{ policy: { reference: `AccessPolicy/${ID}` } }],
  });
  const policy: AccessPolicy = await admin.readResource('AccessPolicy', ID);
  expect(policy.resource).toHaveLength(2);
  const one = await patient('Counted');
  const basic = await until(() => counted(one.id!));
  expect(basic.code?.text).toBe(`${ID}-1.1`);
  const subscription: Subscription = await subscriptionOf(1);
  expect(subscription).toMatchObject({ status: 'active', channel: { endpoint: `Bot/${ID}` } });
});

test('goes on in its process, with its secrets and no environment, and is there again after a crash', async () => {
  const first = await admin.executeBot(ID, {});
  const second = await admin.executeBot(ID, {});
  expect(second.pid).toBe(first.pid);
  expect(second.runs).toBe(first.runs + 1);
  expect(first.secrets).toEqual({ known: { name: 'known', valueString: 'secret-1' } });
  expect(
    (first.env as string[]).filter((name) => !/^(?:TZ|LANG|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS)$/.test(name)),
  ).toEqual([]);
  await expect(admin.executeBot(ID, { crash: true })).rejects.toThrow('ended with code 3');
  const third = await admin.executeBot(ID, {});
  expect(third.pid).not.toBe(first.pid);
  expect(third.runs).toBe(1);
});

test('takes requests of anybody where it is a webhook, and nothing is told of other Bots', async () => {
  const send = (bot: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/webhook/${bot}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const right = { 'x-signature': 'right', 'idempotency-key': 'k1', authorization: 'Bearer x' };
  const word = '{ "amount": 1.00 }';
  const taken = await send('maxray-bot-gateway', word, right);
  expect([taken.status, await taken.json()]).toEqual([
    200,
    { input: word, contentType: 'application/json', key: 'k1', authorization: null },
  ]);
  const event = await until(async () =>
    (await operations()).find(({ entity }) => entity?.[0]?.what?.reference === 'Bot/maxray-bot-gateway'),
  );
  expect(event.agent.map(({ network }) => network?.address)).toContain('127.0.0.1');
  const forged = await send('maxray-bot-gateway', word, { 'x-signature': 'wrong' });
  expect([forged.status, await forged.json()]).toEqual([
    422,
    {
      resourceType: 'OperationOutcome',
      issue: [
        { severity: 'error', code: 'processing', diagnostics: 'The webhook did not take the request.' },
      ],
    },
  ]);
  expect((await send('maxray-bot-gateway', 'x'.repeat(2 ** 20 + 1), right)).status).toBe(413);
  const others = await Promise.all([ID, 'no-such-bot', '..%2f..', `${ID}%00`].map((bot) => send(bot, '{}')));
  const texts = await Promise.all(others.map((other) => other.text()));
  expect(others.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  expect(new Set(texts).size).toBe(1);
  expect((await fetch(`${server.url}/webhook/maxray-bot-gateway`)).status).toBe(404);
});

test('switched off, it passes events over, and stays off when it changes', async () => {
  const bot: Bot = await admin.readResource('Bot', ID);
  await admin.updateResource({
    ...bot,
    extension: [...(bot.extension ?? []), { url: OFF, valueBoolean: true }],
  });
  const passed = await patient('Counted');
  write('counter', COUNTER.replace("title: 'Counter'", "title: 'Counter of patients'"));
  await restart();
  const changed: Bot = await admin.readResource('Bot', ID);
  expect(changed).toMatchObject({ name: 'Counter of patients' });
  await expect(admin.executeBot(ID, {})).rejects.toThrow('switched off');
  const { extension = [], ...others } = changed;
  await until(async () => ((await passedOver()) ? true : undefined));
  await admin.updateResource({ ...others, extension: extension.filter(({ url }) => url !== OFF) } as Bot);
  const next = await patient('Counted');
  await until(() => counted(next.id!));
  expect(await counted(passed.id!)).toBeUndefined();
});

const operations = () =>
  admin.searchResources('AuditEvent', 'subtype=operation&_sort=-date&_count=50', { cache: 'reload' });

/** Whether an event of the Subscription has come while the bot was off. */
async function passedOver(): Promise<boolean> {
  return (await operations()).some(
    (one) => one.outcomeDesc?.startsWith('off') && JSON.stringify(one.entity).includes('by Subscription/'),
  );
}

test('a misspelt name in BOTS stops the start, and switches nothing off', async () => {
  const misspelt = { databaseSchema, bots: ['counter', 'conter'], botsFolder: folder };
  await expect(startTestServer(misspelt)).rejects.toThrow('BOTS names "conter"');
  expect((await subscriptionOf(1)).status).toBe('active');
});

test('is written again only when it has changed, and ended when it is gone; another runs at its times', async () => {
  const { meta } = await admin.readResource('Bot', ID);
  await restart();
  expect((await admin.readResource('Bot', ID)).meta?.versionId).toBe(meta?.versionId);
  rmSync(path.join(folder, 'counter'), { recursive: true });
  write('ticker', TICKER);
  await restart();
  expect((await subscriptionOf(1)).status).toBe('off');
  expect((await admin.readResource('ProjectMembership', ID)).active).toBe(false);
  await expect(admin.executeBot(ID, {})).rejects.toThrow('$deploy');
  const tick = await until(() => counted('tick'));
  expect(tick.code?.text).toMatch(
    /^Bot (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z) bot\/maxray-bot-ticker\/maxray-bot-ticker-1@\1$/,
  );
});
