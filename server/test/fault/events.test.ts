import { afterAll, expect, jest, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf, type Random } from '../acceptance/support/mutations/random.ts';
import { startReceiver, type Answer, type Received } from '../events/support/receiver.ts';
import { basicTopic, plainSubscription, topicSubscription } from '../events/support/subscriptions.ts';
import { administratorOf } from '../support/administrator.ts';
import { freePort, until, workshop } from '../support/program.ts';
import { killBots } from './support/botProcess.ts';
import { kill, planAmong } from './support/killer.ts';
import { startQueue } from './support/queue.ts';

/** FAULT_SEED repeats the faults and how the receiver answers; FAULT_KILLS changes the number of faults; FAULT_QUEUE=postgres has the queue in PostgreSQL. */
const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000_000);
const KILLS = Number(process.env.FAULT_KILLS ?? 3);
const WRITERS = 16;
/** Of a writer: each refusal of the receiver holds a Subscription up for a second, and the test waits until all has arrived. */
const WRITE_PAUSE_MS = 500;
const WRITES_BETWEEN_MAX = 60;
/** Events of one notification to the topic. */
const TOGETHER_MAX = 10;
/** What may be told again by each kill: the notification of each of the two Subscriptions that is under way. */
const AGAIN_MAX = TOGETHER_MAX + 1;
const VICTIMS = ['both', 'queue', 'worker', 'server', 'postmaster'] as const;
const PLAN_STREAM = 1_000;
const ANSWER_STREAM = 2_000;

jest.setTimeout(900_000); // a guard against hanging; it takes a minute or two
const site = workshop();
const receivers: { close(): void }[] = [];
const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  receivers.forEach((receiver) => receiver.close());
  await site.cleanUp();
  for (const end of ends) await end();
});

type Send = (
  method: string,
  path: string,
  resource?: object,
) => Promise<{ status: number; body: Record<string, never> }>;

/** Observations of which a bot hears. */
const OF_BOT = ['w0-0', 'w0-1', 'w0-2'];
/** Notes each version once, however often it hears of it. */
const COUNTER = `export async function handler(medplum, { input }) {
  const value = input.id + '/' + input.meta.versionId;
  const basic = { resourceType: 'Basic', code: { coding: [{ code: 'counted' }] }, identifier: [{ system: 'urn:counted', value }] };
  await medplum.createResourceIfNoneExist(basic, 'identifier=urn:counted|' + value);
}`;

async function deployBot(send: Send): Promise<void> {
  const policy = { reference: 'AccessPolicy/counter' };
  const own = { reference: 'Bot/counter' };
  for (const resource of [
    { resourceType: 'Project', id: 'maxray', name: 'MaxRay' },
    { resourceType: 'AccessPolicy', id: 'counter', name: 'counter', resource: [{ resourceType: 'Basic' }] },
    { resourceType: 'Bot', id: 'counter', name: 'counter' },
    {
      ...{ resourceType: 'ProjectMembership', id: 'counter', project: { reference: 'Project/maxray' } },
      ...{ user: own, profile: own, access: [{ policy }] },
    },
  ])
    expect((await send('PUT', `${resource.resourceType}/${resource.id}`, resource)).status).toBe(201);
  const deployed = await send('POST', 'Bot/counter/$deploy', { code: COUNTER, filename: 'index.js' });
  expect(deployed.status).toBe(200);
}

/** Answers with delays, 500s and hang-ups; `accepted` has what it said 2xx to, or meant to, `unheard` that of which nobody heard. */
function moody(random: Random, accepted: Received[], unheard: Received[]): Answer {
  return (received, response) => {
    const mood = random.below(100);
    if (mood < 2) return void response.writeHead(500).end();
    if (mood < 3) return void response.socket!.destroy();
    accepted.push(received);
    if (mood < 5) {
      unheard.push(received);
      return void response.socket!.destroy();
    }
    setTimeout(() => response.writeHead(204).end(), mood < 20 ? random.below(50) : 0);
  };
}

test(`every committed event arrives, in order and numbered without gaps, over ${KILLS} kills (FAULT_SEED=${SEED})`, async () => {
  const dataDir = site.dataDir();
  const port = await freePort();
  const queue = await startQueue();
  ends.push(() => queue.stop());
  const env = { PORT: String(port), LOG_LEVEL: 'error', ...queue.env };
  const start = () => site.server(dataDir, { env });
  let server = start();
  const url = await server.ready();
  const base = `${url}/fhir/R4`;
  const token = administratorOf(url);
  const send = async (method: string, path: string, resource?: object) => {
    const headers = { Authorization: await token(), 'Content-Type': 'application/fhir+json' };
    const init = { method, headers, ...(resource && { body: JSON.stringify(resource) }) };
    const response = await fetch(`${base}/${path}`, { ...init, signal: AbortSignal.timeout(30_000) });
    return { status: response.status, body: (await response.json()) as Record<string, never> };
  };
  const receiver = await startReceiver();
  receivers.push(receiver);

  await deployBot(send);
  const topic = 'http://example.org/topics/observed';
  await send('POST', 'Basic', basicTopic(topic, [[{ url: 'resource', valueUri: 'Observation' }]]));
  const asked = [
    plainSubscription('Observation', `${receiver.url}/plain`),
    topicSubscription(topic, `${receiver.url}/topic`, { content: 'full-resource', maxCount: TOGETHER_MAX }),
    plainSubscription(`Observation?_id=${OF_BOT.join()}`, 'Bot/counter'),
  ];
  const ids: string[] = [];
  for (const one of asked) ids.push((await send('POST', 'Subscription', one)).body.id!);
  for (const id of ids)
    while ((await send('GET', `Subscription/${id}`)).body.status !== 'active') await sleep(50);
  const accepted: Received[] = [];
  const unheard: Received[] = [];
  receiver.answerBy(moody(randomOf(SEED, ANSWER_STREAM), accepted, unheard));

  /** `Observation/w1/_history/3` of what was answered. */
  const acknowledged: string[] = [];
  let over = false;
  const write = async (writer: number) => {
    for (let n = 0; !over; n++) {
      const id = `w${writer}-${n % 3}`;
      const code = { text: `number ${n}` };
      const resource = { resourceType: 'Observation', id, status: 'final', code };
      try {
        const { status, body } = await send('PUT', `Observation/${id}`, resource);
        if (status < 300) acknowledged.push(versionOf(body));
      } catch {
        await sleep(100); // the outcome is unknown
      }
      await sleep(WRITE_PAUSE_MS);
    }
  };
  const writers = Promise.all(Array.from({ length: WRITERS }, (_, i) => write(i)));
  const random = randomOf(SEED, PLAN_STREAM);
  for (const fault of planAmong(VICTIMS, random, KILLS)) {
    const wanted = acknowledged.length + 1 + (fault.afterWrites % WRITES_BETWEEN_MAX);
    await until(() => acknowledged.length >= wanted, 'the writers went on');
    const { victim } = fault;
    if (victim === 'queue') await queue.lose(dataDir);
    else if (victim === 'worker') await killBots(server, 'outsideBots');
    else server = await kill({ dataDir, start }, server, { ...fault, victim });
  }
  const wanted = acknowledged.length + WRITERS;
  await until(() => acknowledged.length >= wanted, 'the writers went on to the end');
  over = true;
  await writers;

  const versions = await storedVersions(send);
  const isOf = (path: string) => accepted.filter((one) => one.path.startsWith(path));
  const plain = () => isOf('/plain').map(({ body }) => versionOf(JSON.parse(body)));
  const numbered = () => isOf('/topic').flatMap(({ body }) => eventsOf(JSON.parse(body)));
  const missing = (got: readonly string[]) => versions.filter((one) => !got.includes(one));
  while (missing(plain()).length > 0 || missing(numbered().map(({ version }) => version)).length > 0)
    await sleep(200);

  expect(acknowledged.filter((one) => !versions.includes(one))).toEqual([]);
  const firsts = [...new Map(numbered().map((event) => [event.number, event])).values()];
  expect(firsts.map(({ number }) => number)).toEqual(versions.map((_, i) => i + 1));
  expect(new Set(firsts.map(({ version }) => version))).toEqual(new Set(versions));
  for (const got of [[...new Set(plain())], firsts.map(({ version }) => version)]) {
    expect(got).toHaveLength(versions.length);
    expect(outOfOrder(got)).toEqual([]);
  }
  const effects = async () => (await storedVersions(send, 'Basic?code=counted&_count=1000')).length;
  const ofBot = versions.filter((one) => OF_BOT.includes(one.split('/')[0]!));
  while ((await effects()) < ofBot.length) await sleep(200);
  const { body } = await send('GET', 'Basic?code=counted&_count=1000&_elements=identifier');
  const { entry } = body as unknown as { entry: { resource: { identifier: { value: string }[] } }[] };
  expect(entry.map(({ resource }) => resource.identifier[0]!.value).sort()).toEqual([...ofBot].sort());

  const duplicates = plain().length + numbered().length - 2 * versions.length;
  const ofReceiver = eventsIn(unheard);
  console.error(
    `events with FAULT_SEED=${SEED}: ${KILLS} kills; ${acknowledged.length} writes acknowledged, ${versions.length} stored and told twice each; ${duplicates} told again, of which ${ofReceiver} because the receiver's answer got lost`,
  );
  expect(duplicates - ofReceiver).toBeLessThanOrEqual(KILLS * AGAIN_MAX);
  if (KILLS >= 30) expect((duplicates - ofReceiver) / (2 * versions.length)).toBeLessThan(0.01);
  expect((await server.end('SIGTERM')).code).toBe(0);
});

const eventsIn = (notifications: readonly Received[]): number =>
  notifications.reduce(
    (sum, { path, body }) => sum + (path.startsWith('/plain') ? 1 : eventsOf(JSON.parse(body)).length),
    0,
  );

const versionOf = (resource: { id?: string; meta?: { versionId: string } }) =>
  `${resource.id}/${resource.meta?.versionId}`;

function eventsOf(bundle: {
  entry: { resource: { id: string; parameter?: { name: string; part: { valueString: string }[] }[] } }[];
}) {
  const [status, ...resources] = bundle.entry.map(({ resource }) => resource);
  const events = status!.parameter!.filter(({ name }) => name === 'notification-event');
  return events.map(({ part }, i) => ({
    number: Number(part[0]!.valueString),
    version: versionOf(resources[i]!),
  }));
}

/** Versions of a resource that came before an earlier one of it. */
function outOfOrder(versions: readonly string[]): string[] {
  const last = new Map<string, number>();
  return versions.filter((one) => {
    const [id, version] = one.split('/') as [string, string];
    const isLate = Number(version) <= (last.get(id) ?? 0);
    last.set(id, Number(version));
    return isLate;
  });
}

/** Every version that there is. */
async function storedVersions(send: Send, query = 'Observation?_count=100'): Promise<string[]> {
  const { body } = await send('GET', query);
  const { entry } = body as unknown as {
    entry?: { resource: { id: string; meta: { versionId: string } } }[];
  };
  return (entry ?? []).flatMap(({ resource: { id, meta } }) =>
    Array.from({ length: Number(meta.versionId) }, (_, i) => `${id}/${i + 1}`),
  );
}
