import { afterAll, beforeAll, expect, test } from '@jest/globals';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { BridgeClient } from '../../../src/imaging/bridge/bridgeClient.ts';
import { BridgeConnections } from '../../../src/imaging/bridge/exchange.ts';
import { bridgeFhirError } from '../../../src/imaging/bridge/bridgeFhirError.ts';

const SECRET = 'a secret of the bridge';
const SOP = '1.2.826.0.1.3680043.10.1';
const JPEG = '1.2.840.10008.1.2.4.50';
/** Of the client whose bridge falls silent. */
const SILENCE_MS = 2_000;

let bridge: http.Server;
let url: string;
let client: BridgeClient;
let asked: string[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
beforeAll(async () => {
  bridge = http.createServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${SECRET}`) return void response.writeHead(401).end();
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => bridge.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(bridge.address() as AddressInfo).port}`;
  client = new BridgeClient(() => ({ url, secret: SECRET }));
});
afterAll(async () => {
  client.close();
  bridge.closeAllConnections();
  await new Promise((resolve) => bridge.close(resolve));
});

/** What the bridge answers from now on. */
const answers = (status: number, headers: http.OutgoingHttpHeaders, body: string | Buffer): void => {
  asked = [];
  answer = (_request, response) => response.writeHead(status, headers).end(body);
};
const faultOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { fault?: string; message: string }) => error,
  );

test('an object is a stream, with its type and length', async () => {
  answers(200, { 'Content-Type': 'application/dicom', 'Content-Length': 3 }, 'abc');
  const { stream, ...rest } = await client.object(SOP);
  expect(rest).toEqual({ mediaType: 'application/dicom', bytes: 3 });
  expect((await buffer(stream)).toString()).toBe('abc');
  expect(asked).toEqual([`GET /objects/${SOP}`]);
});

test('a frame is asked for in transfer syntaxes, and says which it has', async () => {
  answers(200, { 'Content-Type': `Image/JPEG; transfer-syntax=${JPEG}` }, 'frame');
  const { stream, mediaType, transferSyntaxUid } = await client.frame(SOP, 2, [JPEG, '*']);
  expect({ mediaType, transferSyntaxUid }).toEqual({ mediaType: 'image/jpeg', transferSyntaxUid: JPEG });
  expect((await buffer(stream)).toString()).toBe('frame');
  expect(asked).toEqual([`GET /objects/${SOP}/frames/2?accept=${encodeURIComponent(`${JPEG},*`)}`]);
});

test('metadata, bulk values and pictures have addresses of their own', async () => {
  answers(200, { 'Content-Type': 'application/dicom+json' }, '{"00080018":{"vr":"UI"}}');
  expect(await client.metadata(SOP)).toEqual({ '00080018': { vr: 'UI' } });
  (await client.bulk(SOP, '00420011')).stream.resume();
  const window = { center: 40.5, width: 400, function: 'linear' } as const;
  const viewport = { width: 64, height: 32 };
  const rendering = { format: 'image/jpeg', frame: 3, window, viewport, quality: 80 } as const;
  (await client.rendered(SOP, rendering)).stream.resume();
  expect(asked.map(decodeURIComponent)).toEqual([
    `GET /objects/${SOP}/metadata`,
    `GET /objects/${SOP}/bulk/00420011`,
    `GET /objects/${SOP}/rendered?format=image/jpeg&frame=3&window=40.5,400,linear&viewport=64,32&quality=80`,
  ]);
});

test('metadata that are too much stay so: the answer tells what else there is to ask for', async () => {
  answers(200, { 'Content-Type': 'application/dicom+json' }, Buffer.alloc(32 * 2 ** 20 + 1, ' '));
  const error = await faultOf(client.metadata(SOP));
  expect(error).toMatchObject({ fault: 'too-costly' });
  const diagnostics = expect.stringContaining('fetch the object itself, or its frames');
  expect(bridgeFhirError(error)).toMatchObject({
    category: 'too-large',
    issues: [{ code: 'too-costly', diagnostics }],
  });
  answers(200, { 'Content-Type': 'application/dicom+json' }, '{}');
  await client.elements(SOP, ['0020000D', '00280008']);
  expect(asked.map(decodeURIComponent)).toEqual([`GET /objects/${SOP}/metadata?tags=0020000D,00280008`]);
});

test('a file is sent as it comes, with whom it is from', async () => {
  const stored = { status: 0, sopClassUid: '1.2', sopInstanceUid: SOP, studyInstanceUid: '1.3' };
  let received: { source: unknown; body: string } | undefined;
  answer = async (request, response) => {
    received = { source: request.headers['x-source'], body: (await buffer(request)).toString() };
    response.end(JSON.stringify(stored));
  };
  expect(await client.store(Readable.from([Buffer.from('DI'), Buffer.from('CM')]), 'STOW')).toEqual(stored);
  expect(received).toEqual({ source: 'STOW', body: 'DICM' });
  const broken = new Readable({ read: () => broken.destroy(new Error('the sender has gone')) });
  await expect(client.store(broken, 'STOW')).rejects.toThrow('the sender has gone');
});

test.each([
  [404, 'not-found', 'not-found'],
  [400, 'incorrect', 'incorrect'],
  [406, 'not-acceptable', 'not-acceptable'],
  [413, 'too-large', 'too-large'],
  [415, 'unsupported', 'unsupported-media-type'],
  [503, 'away', 'busy'],
  [500, 'fault', 'busy'],
])('status %i is the fault %s, for FHIR clients %s', async (status, fault, category) => {
  answers(status, { 'Retry-After': '7' }, '{"error":"What is wrong."}');
  const error = await faultOf(client.object(SOP));
  expect(error).toMatchObject({ fault, message: 'What is wrong.', retryAfterS: 7 });
  expect(bridgeFhirError(error)).toMatchObject({ category, issues: [{ diagnostics: 'What is wrong.' }] });
});

test.each([
  ['of no UID', () => client.object('../status')],
  ['of a UID that cannot be', () => client.metadata('1.02')],
  ['of no frame', () => client.frame(SOP, 0, ['*'])],
  ['of half a frame', () => client.frame(SOP, 1.5, ['*'])],
  ['of a path that leads elsewhere', () => client.bulk(SOP, '../../status')],
  ['of a sender with line breaks', () => client.store(Readable.from([]), 'A\r\nB: c')],
])('a request %s is not sent', async (_what, ask) => {
  answers(200, {}, '{}');
  expect((await faultOf(ask()))?.fault).toMatch(/^(?:not-found|incorrect)$/);
  expect(asked).toEqual([]);
});

test('what does not answer is away', async () => {
  const nowhere = new BridgeClient(() => undefined);
  expect(await faultOf(nowhere.status())).toMatchObject({ fault: 'away' });
  const closed = new BridgeClient(() => ({ url: 'http://127.0.0.1:1', secret: SECRET }));
  expect(await faultOf(closed.status())).toMatchObject({ fault: 'away' });
  answer = () => undefined;
  const impatient = client.status({ signal: AbortSignal.timeout(50) });
  expect(await faultOf(impatient)).toMatchObject({ fault: 'away' });
});

test('a bridge that falls silent in the middle is given up', async () => {
  const strict = new BridgeClient(() => ({ url, secret: SECRET }), new BridgeConnections(SILENCE_MS));
  answer = (_request, response) => void response.writeHead(200).write('beginning');
  const { stream } = await strict.object(SOP);
  await expect(buffer(stream)).rejects.toMatchObject({ fault: 'away' });
  answer = () => undefined;
  expect(await faultOf(strict.object(SOP))).toMatchObject({ fault: 'away' });
  strict.close();
});

test('a reader who is slow is waited for', async () => {
  const patient = new BridgeClient(() => ({ url, secret: SECRET }), new BridgeConnections(SILENCE_MS));
  const whole = Buffer.alloc(8 * 2 ** 20, 7); // more than sockets and streams hold
  answers(200, {}, whole);
  const { stream } = await patient.object(SOP);
  stream.once('readable', () => undefined); // begins to fill, and is not read
  await new Promise((resolve) => setTimeout(resolve, 1.5 * SILENCE_MS));
  expect((await buffer(stream)).equals(whole)).toBe(true);
  patient.close();
});

test.each([
  ['no JSON', 'pong'],
  ['no object', '"pong"'],
])('an answer that is %s is a fault', async (_what, body) => {
  answers(200, {}, body);
  expect(await faultOf(client.status())).toMatchObject({ fault: 'fault' });
});

test('another secret opens nothing', async () => {
  const other = new BridgeClient(() => ({ url, secret: 'another' }));
  answers(200, {}, '{}');
  expect(await faultOf(other.status())).toMatchObject({ fault: 'fault' });
  expect(asked).toEqual([]);
  other.close();
});
