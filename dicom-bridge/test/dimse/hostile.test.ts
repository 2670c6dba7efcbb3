import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { VERIFICATION } from '../../src/dimse/syntaxes.ts';
import { newUid } from '../../src/identifiers/uid.ts';
import { DX_CLASS, EXPLICIT_LITTLE_ENDIAN, xray } from '../support/dicomObject.ts';
import { standBy, type Bystander } from '../support/echo.ts';
import * as raw from '../support/rawPeer.ts';
import { AE_TITLE, PEER, startReceiver, type TestReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const { COMMAND, DATA, LAST, PDU, RawPeer } = raw;
const [STORE, ECHO] = [1, 3];
const CONTEXTS = [
  { id: STORE, abstractSyntax: DX_CLASS, transferSyntax: EXPLICIT_LITTLE_ENDIAN },
  { id: ECHO, abstractSyntax: VERIFICATION, transferSyntax: EXPLICIT_LITTLE_ENDIAN },
];
const REQUEST = raw.associateRequest(PEER, AE_TITLE, CONTEXTS);
const FRAGMENT_BYTES = 4_096;
/** In an A-ASSOCIATE-RQ (PS3.8 section 9.3.2). */
const APPLICATION_CONTEXT_LENGTH_AT = 76;

let receiver: TestReceiver;
let bystander: Bystander;
beforeAll(async () => {
  receiver = await startReceiver();
  bystander = await standBy(receiver.port, PEER, AE_TITLE);
});
afterAll(async () => {
  await bystander.leave();
  await receiver.stop();
});
beforeEach(() => {
  receiver.logged.length = 0;
});
afterEach(async () => {
  expect(await bystander.echo()).toBe(0);
  const left = await until(
    async () => readdirSync(path.join(receiver.folder, 'spool')),
    (names) => names.length === 0,
  );
  expect([left, receiver.ledger.counts()]).toEqual([[], { conflict: 0 }]);
});

/** An association that was accepted. */
async function associate(): Promise<raw.RawPeer> {
  const peer = await RawPeer.connect(receiver.port);
  peer.send(REQUEST);
  await peer.pdu(PDU.accept);
  return peer;
}
/** Sends a C-STORE of the data set. @returns its status */
async function store(
  { classUid = DX_CLASS, uid = newUid(), contextId = STORE },
  dataSet: Buffer,
): Promise<number> {
  const peer = await associate();
  peer.send(raw.fragment(contextId, COMMAND | LAST, raw.storeCommand(classUid, uid)));
  for (let at = 0; at < dataSet.length; at += FRAGMENT_BYTES) {
    const isLast = at + FRAGMENT_BYTES >= dataSet.length;
    peer.send(raw.fragment(contextId, isLast ? LAST : DATA, dataSet.subarray(at, at + FRAGMENT_BYTES)));
  }
  const status = await peer.status();
  peer.vanish();
  return status;
}
const logged = (what: Record<string, unknown>) =>
  until(
    async () => receiver.logged,
    (lines) => lines.some((line) => Object.entries(what).every(([name, value]) => line[name] === value)),
  );

/** The application context says that it has 65,301 bytes. */
function longItem(): Buffer {
  const bytes = Buffer.from(REQUEST);
  bytes[APPLICATION_CONTEXT_LENGTH_AT] = 0xff;
  return bytes;
}
const COMMAND_OF_ECHO = raw.command([
  [0x0002, VERIFICATION],
  [0x0100, 0x0030],
  [0x0110, 1],
  [0x0800, 0x0101],
]);
const COMMAND_OF_QUERY = raw.command([
  [0x0002, VERIFICATION],
  [0x0100, 0x0020],
  [0x0110, 1],
  [0x0800, 0x0001],
]);
/** Of unknown length, 2,000 deep: some thousand more, and nobody would be answered for seconds. */
const NESTED = Buffer.from('40000001fffffffffeff00e0ffffffff'.repeat(2_000), 'hex');
const BEFORE: [name: string, bytes: Buffer][] = [
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['the greeting of TLS', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03])],
  ['zeroes', Buffer.alloc(100_000)],
  ['a PDU that announces 60 MB', raw.pdu(PDU.associateRequest, Buffer.alloc(1_000), 60_000_000)],
  ['an object before the association', raw.fragment(STORE, DATA, Buffer.alloc(1_000))],
  ['an echo before the association', raw.fragment(ECHO, COMMAND | LAST, COMMAND_OF_ECHO)],
  ['a request that is no more than its header', raw.pdu(PDU.associateRequest, Buffer.alloc(0))],
  ['a request of noise', raw.pdu(PDU.associateRequest, Buffer.alloc(200, 0xa5))],
  ['an item that is longer than its request', longItem()],
  ['an answer that nobody asked for', raw.pdu(PDU.accept, REQUEST.subarray(6))],
  ['a release before the association', raw.pdu(PDU.release, Buffer.alloc(4))],
];
test.each(BEFORE)('ends the connection of who begins with %s', async (_name, bytes) => {
  const peer = await RawPeer.connect(receiver.port);
  peer.send(bytes);
  expect(await peer.untilClosed()).not.toContain(PDU.accept);
  await until(
    async () => receiver.logged,
    (lines) => lines.length > 0,
  );
});

const noise = (flags: number) => raw.fragment(STORE, flags, Buffer.alloc(500, 0xa5));
const WITHIN: [name: string, bytes: Buffer][] = [
  ['a command of noise', noise(COMMAND | LAST)],
  ['a data set without a command', noise(LAST)],
  ['a fragment that is longer than its PDU', raw.fragment(STORE, COMMAND | LAST, Buffer.alloc(90), 9_000)],
  ['a fragment of no length', raw.fragment(STORE, COMMAND | LAST, Buffer.alloc(90), 0)],
  [
    'a context that was not agreed on',
    raw.fragment(99, COMMAND | LAST, raw.storeCommand(DX_CLASS, newUid())),
  ],
  ['an empty PDU', raw.pdu(PDU.data, Buffer.alloc(0))],
  [
    'a command without a kind',
    raw.fragment(
      STORE,
      COMMAND | LAST,
      raw.command([
        [0x0110, 1],
        [0x0800, 0x0101],
      ]),
    ),
  ],
  [
    'a response to nothing',
    raw.fragment(
      STORE,
      COMMAND | LAST,
      raw.command([
        [0x0100, 0x8001],
        [0x0120, 9],
        [0x0800, 0x0101],
      ]),
    ),
  ],
  ['a second request', REQUEST],
  ['a command of sequences in sequences', raw.fragment(ECHO, COMMAND | LAST, NESTED)],
  [
    'a query of sequences in sequences',
    Buffer.concat([raw.fragment(ECHO, COMMAND | LAST, COMMAND_OF_QUERY), raw.fragment(ECHO, LAST, NESTED)]),
  ],
  ['a PDU that announces 60 MB', raw.pdu(PDU.data, Buffer.alloc(1_000), 60_000_000)],
];
test.each(WITHIN)('ends the association of who sends %s', async (_name, bytes) => {
  const peer = await associate();
  peer.send(bytes);
  await peer.untilClosed();
  await logged({ event: 'association broken off', peer: PEER });
});

test.each([
  ['a stranger', 'STRANGER', AE_TITLE, 'calling AE title'],
  ['a name with a path in it', '../../etc', AE_TITLE, 'calling AE title'],
  ['no name', '', AE_TITLE, 'calling AE title'],
  ['who wants somebody else', PEER, 'OTHER', 'called AE title'],
])('refuses %s', async (_name, calling, called, why) => {
  const peer = await RawPeer.connect(receiver.port);
  peer.send(raw.associateRequest(calling, called, CONTEXTS));
  expect(await peer.untilClosed()).toEqual([PDU.reject]);
  await logged({ event: 'association refused', why });
});

test('accepts no context for a SOP class that nobody knows, and says so', async () => {
  const peer = await RawPeer.connect(receiver.port);
  const abstractSyntax = '1.2.3.4.5';
  peer.send(raw.associateRequest(PEER, AE_TITLE, [{ ...CONTEXTS[0]!, abstractSyntax }]));
  const accept = await peer.pdu(PDU.accept);
  expect(accept.includes(Buffer.from([0x21, 0x00, 0x00, 0x19]))).toBe(false); // accepted with a transfer syntax of 17 characters
  await logged({ event: 'no presentation context accepted', peer: PEER });
  peer.send(raw.fragment(STORE, COMMAND | LAST, raw.storeCommand(abstractSyntax, newUid())));
  peer.send(raw.fragment(STORE, LAST, xray().dataSet));
  expect(await peer.status()).toBe(0x0122);
  peer.vanish();
});

test.each([
  ['in the middle of a fragment', (bytes: Buffer) => raw.fragment(STORE, DATA, bytes).subarray(0, -700)],
  ['between fragments', (bytes: Buffer) => raw.fragment(STORE, DATA, bytes)],
])('keeps nothing of an object whose sender vanishes %s', async (_name, half) => {
  const { object, dataSet } = xray();
  const peer = await associate();
  peer.send(raw.fragment(STORE, COMMAND | LAST, raw.storeCommand(DX_CLASS, object.sopInstanceUid)));
  peer.send(raw.fragment(STORE, DATA, dataSet.subarray(0, 2_000)), half(dataSet.subarray(2_000, 4_000)));
  await until(
    async () => readdirSync(path.join(receiver.folder, 'spool')),
    (names) => names.length === 1,
  );
  peer.vanish();
  await logged({ event: 'object broken off', peer: PEER });
  expect(receiver.ledger.find(object.sopInstanceUid)).toBeUndefined();
});

test('keeps nothing of an object that ends too early', async () => {
  const { object, dataSet } = xray();
  expect(await store({ uid: object.sopInstanceUid }, dataSet.subarray(0, 4_000))).toBe(0xc000);
  await logged({ event: 'object not stored', status: 'c000' });
});

const HOSTILE_UIDS = [
  '../../../../tmp/hostile',
  '1.2.3/../../hostile',
  '/tmp/hostile',
  '1.2.3\0.dcm',
  '1..2',
  '1.2.03',
  '1.2.'.padEnd(66, '3'),
  '-1.2',
  '*',
  '$(touch hostile)',
  "1'; DROP TABLE object; --",
];
test.each(HOSTILE_UIDS)('stores nothing under the UID %j', async (uid) => {
  const hostile = xray({ sopInstanceUid: uid });
  expect(await store({ uid }, hostile.dataSet)).toBe(0xc000);
  // A message that names another object than it carries.
  expect([0xa900, 0xc000]).toContain(await store({}, hostile.dataSet));
  expect(await store({}, xray({ studyInstanceUid: uid }).dataSet)).not.toBe(0);
  await logged({ event: 'object not stored', status: 'c000' });
  expect(existsSync('/tmp/hostile')).toBe(false);
});

test('stores nothing by a context that is for something else', async () => {
  const { object, dataSet } = xray({ sopClassUid: VERIFICATION });
  const uid = object.sopInstanceUid;
  expect(await store({ classUid: VERIFICATION, uid, contextId: ECHO }, dataSet)).not.toBe(0);
  const other = xray();
  expect(await store({ uid: other.object.sopInstanceUid, contextId: ECHO }, other.dataSet)).not.toBe(0);
});
