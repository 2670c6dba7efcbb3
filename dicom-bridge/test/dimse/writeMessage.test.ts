import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { GuardedSocket } from '../../src/dimse/guardedSocket.ts';
import { ConnectionEndedError, PeerStuckError, writeMessage } from '../../src/dimse/writeMessage.ts';

let server: Server;
beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

async function connected(): Promise<{ ours: GuardedSocket; theirs: Socket }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [theirs] = (await once(server, 'connection')) as [Socket];
  return { ours: new GuardedSocket(socket).on('error', () => undefined), theirs };
}

interface Fragment {
  pduBytes: number;
  flags: number;
  bytes: Buffer;
}

/** The fragments in the PDUs that came, of context 5. */
function fragmentsOf(all: Buffer): Fragment[] {
  const found: Fragment[] = [];
  for (let at = 0; at < all.length;) {
    const pduBytes = all.readUInt32BE(at + 2);
    expect([all[at], all.readUInt32BE(at + 6), all[at + 10]]).toEqual([4, pduBytes - 4, 5]);
    found.push({ pduBytes, flags: all[at + 11]!, bytes: all.subarray(at + 12, at + 6 + pduBytes) });
    at += 6 + pduBytes;
  }
  return found;
}

const [LAST, COMMAND] = [2, 1];
const command = Buffer.from('command!');

test.each([
  ['what the peer takes', 4_097, 10_000, [4_090, 4_090, 1_820]],
  ['just that', 4_096, 8_180, [4_090, 4_090]],
  ['anything', 0, 200_000, [131_066, 68_934]],
  ['next to nothing', 7, 1_018, [1_018]],
  ['no bytes', 4_096, 0, [0]],
])('a data set goes in fragments of %s', async (_what, pduBytesMax, bytes, lengths) => {
  const { ours, theirs } = await connected();
  const came: Buffer[] = [];
  theirs.on('data', (chunk: Buffer) => came.push(chunk));
  const whole = Buffer.alloc(bytes, 'ab');
  const chunks = [whole.subarray(0, 7), whole.subarray(7, 4_000), whole.subarray(4_000)];
  await writeMessage(ours, {
    presentationContextId: 5,
    command,
    dataSet: chunks,
    pduBytesMax,
    takenMsMax: 60_000,
  });
  ours.end();
  await once(theirs, 'end');
  const [first, ...rest] = fragmentsOf(Buffer.concat(came));
  expect(first).toEqual({ pduBytes: 14, flags: COMMAND | LAST, bytes: command });
  expect(rest.map((one) => one.bytes.length)).toEqual(lengths);
  expect(rest.map(({ flags }) => flags)).toEqual([...lengths.slice(1).map(() => 0), LAST]);
  expect(Buffer.concat(rest.map((one) => one.bytes)).equals(whole)).toBe(true);
});

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(64 * 1024);
}

test('who reads nothing holds the data set back, and whoever goes ends it', async () => {
  const { ours, theirs } = await connected();
  theirs.pause();
  let taken = 0;
  function* counted(): Generator<Buffer> {
    for (const piece of endless()) {
      taken += 1;
      yield piece;
    }
  }
  const written = writeMessage(ours, {
    presentationContextId: 5,
    command,
    dataSet: counted(),
    pduBytesMax: 0,
    takenMsMax: 60_000,
  });
  const failed = expect(written).rejects.toThrow(ConnectionEndedError);
  while (!ours.writableNeedDrain) await new Promise(setImmediate);
  theirs.destroy();
  await failed;
  expect(taken * 64).toBeLessThan(64 * 1024); // KiB: what sockets hold, and not all that there is
});

test('who is there and takes nothing is not waited for without end', async () => {
  const { ours, theirs } = await connected();
  theirs.pause();
  const message = { presentationContextId: 5, command, dataSet: endless(), pduBytesMax: 0, takenMsMax: 50 };
  await expect(writeMessage(ours, message)).rejects.toThrow(PeerStuckError);
  theirs.destroy();
});
