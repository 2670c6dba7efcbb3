import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTIONS_MAX } from '../../../src/events/live/liveEvents.ts';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { notified } from '../support/listening.ts';
import { reaches, subscribe } from '../support/sending.ts';
import { encounter } from '../support/subscriptions.ts';

let server: TestServer;
let people: People;
const api = () => server.api();
beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare();
});
afterAll(() => server.stop());

const plain = (patient: string) => ({
  resourceType: 'Subscription',
  ...{ status: 'requested', reason: 'test', criteria: `Encounter?subject=Patient/${patient}` },
  channel: { type: 'websocket', payload: 'application/fhir+json' },
});

interface ServerSent {
  id: string | undefined;
  event: string;
  data: string;
}

/** A reader of Server-Sent Events, as pages write one with fetch. */
class Stream {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #stopping: AbortController;
  #text = '';

  private constructor(response: Response, stopping: AbortController) {
    this.response = response;
    this.#stopping = stopping;
    this.#reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async open(id: string, headers: Record<string, string> = {}, query = ''): Promise<Stream> {
    const stopping = new AbortController();
    const response = await fetch(`${server.url}/fhir/R4/Subscription/${id}/$events-stream${query}`, {
      headers: { Authorization: server.authorization, Accept: 'text/event-stream', ...headers },
      signal: stopping.signal,
    });
    return new Stream(response, stopping);
  }

  /** The next event; undefined at the end. */
  async next(): Promise<ServerSent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split('\n');
        this.#text = this.#text.slice(end + 2);
        const field = (name: string) =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const event = field('event');
        if (event !== undefined) return { id: field('id'), event, data: field('data')! };
        continue;
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#text += value;
    }
  }

  close(): void {
    this.#stopping.abort();
  }
}

test('events come as they are written, and from Last-Event-ID on', async () => {
  const id = await subscribe(api, plain('ann'));
  await reaches(api, id, 'active');
  const stream = await Stream.open(id);
  expect(stream.response.status).toBe(200);
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
  const first = await stream.next();
  expect(first).toMatchObject({ id: undefined, event: 'notification' });
  expect(notified(first!.data)).toMatchObject([{ type: 'handshake' }]);
  for (const one of ['a1', 'a2', 'a3']) await people.put(encounter(one, 'finished', 'ann'));
  for (const [i, one] of ['a1', 'a2', 'a3'].entries()) {
    const { id: number, data } = (await stream.next())!;
    expect(number).toBe(String(i + 1));
    expect(notified(data)).toMatchObject([{ numbers: [i + 1], resources: [{ id: one }] }]);
  }
  stream.close();
  const again = await Stream.open(id, { 'Last-Event-ID': '1' });
  await again.next();
  expect([(await again.next())!.id, (await again.next())!.id]).toEqual(['2', '3']);
  again.close();
  const whole = await Stream.open(id, {}, '?after=0');
  await whole.next();
  expect((await whole.next())!.id).toBe('1');
  whole.close();
});

test('what cannot be had is refused before it begins', async () => {
  const id = await subscribe(api, plain('refused'));
  const url = `${server.url}/fhir/R4/Subscription/${id}/$events-stream`;
  const status = async (headers: Record<string, string>, to = url) =>
    (await fetch(to, { headers: { Authorization: server.authorization, ...headers } })).status;
  expect(await status({ 'Last-Event-ID': '5' })).toBe(400);
  expect(await status({ 'Last-Event-ID': 'x' })).toBe(400);
  expect(await status({}, url.replace(id, 'none'))).toBe(404);
  expect(await status({ Authorization: 'Bearer x' })).toBe(401);
  expect(await status({ Origin: 'https://evil.example' })).toBe(403);
  const many = await Promise.all(Array.from({ length: CONNECTIONS_MAX }, () => Stream.open(id)));
  expect(many.map(({ response }) => response.status)).toEqual(many.map(() => 200));
  expect(await status({})).toBe(429);
  for (const one of many) one.close();
});

test('the stream ends when the Subscription does, and says why', async () => {
  const id = await subscribe(api, plain('ends'));
  await reaches(api, id, 'active');
  let stream = await Stream.open(id);
  // Those of the test before may not have gone yet.
  while (stream.response.status === 429) {
    stream.close();
    await sleep(50);
    stream = await Stream.open(id);
  }
  await stream.next();
  await api().delete(`/Subscription/${id}`).expect(204);
  const last = await stream.next();
  expect(last!.event).toBe('error');
  expect(JSON.parse(last!.data)).toMatchObject({ resourceType: 'OperationOutcome' });
  expect(await stream.next()).toBeUndefined();
});
