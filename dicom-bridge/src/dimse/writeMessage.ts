import type { GuardedSocket } from './guardedSocket.ts';
import { PDATA_BYTES_MAX } from './pduGuard.ts';

/** A message as it goes into P-DATA-TF PDUs (PS3.8 section 9.3.5 and annex E). */
export interface OutgoingMessage {
  presentationContextId: number;
  /** Command set, implicit little endian. */
  command: Buffer;
  /** In the transfer syntax of the presentation context; absent: the message has none. */
  dataSet?: AsyncIterable<Buffer> | Iterable<Buffer>;
  /** What the peer says that it takes in one PDU; 0: anything (PS3.8 annex D.1). */
  pduBytesMax: number;
  /** For the peer to take a fragment. */
  takenMsMax: number;
}

const P_DATA_TF = 4;
/** Type, reserved byte and length of the PDU; length, context and control header of the one value in it. */
const HEAD_BYTES = 12;
/** Of those, what counts in the PDU's own length. */
const COUNTED_BYTES = 6;
/** Who takes less would cost us a PDU for each few bytes. */
const PDATA_BYTES_MIN = 1024;
const IS_COMMAND = 1;
const IS_LAST = 2;

/**
 * Writes a message in fragments that the peer takes, and no faster than it takes them: an object of any size needs the memory of a few fragments.
 * Nothing else may be written to the connection meanwhile.
 *
 * @throws ConnectionEndedError, PeerStuckError, or whatever the data set throws: then a part of it has gone, and the association must be aborted
 */
export async function writeMessage(connection: GuardedSocket, message: OutgoingMessage): Promise<void> {
  const { presentationContextId: context, command, dataSet, pduBytesMax, takenMsMax } = message;
  const write = (bytes: Buffer, flags: number): Promise<void> =>
    written(connection, [pduHead(context, bytes.length, flags), bytes], takenMsMax);
  await write(command, IS_COMMAND | IS_LAST);
  if (!dataSet) return;
  const ofPeer = pduBytesMax === 0 ? PDATA_BYTES_MAX : pduBytesMax;
  const pduBytes = Math.min(PDATA_BYTES_MAX, Math.max(PDATA_BYTES_MIN, ofPeer));
  const bytesMax = (pduBytes - COUNTED_BYTES) & ~1; // fragments are of even length (PS3.8 annex E.2)
  let last: Buffer | undefined;
  for await (const fragment of fragments(dataSet, bytesMax)) {
    if (last) await write(last, 0);
    last = fragment;
  }
  await write(last ?? Buffer.alloc(0), IS_LAST);
}

/** The peer has gone. */
export class ConnectionEndedError extends Error {
  override readonly name = 'ConnectionEndedError';

  constructor() {
    super('The connection has ended.');
  }
}

/** The peer is there, and takes nothing of what is sent. */
export class PeerStuckError extends Error {
  override readonly name = 'PeerStuckError';

  constructor() {
    super('The peer takes nothing any more.');
  }
}

/** The same bytes in pieces that are as long as allowed, but for the last one. */
async function* fragments(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  bytesMax: number,
): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    gathered.push(chunk);
    bytes += chunk.length;
    if (bytes < bytesMax) continue;
    const all = Buffer.concat(gathered);
    let at = 0;
    for (; bytes - at >= bytesMax; at += bytesMax) yield all.subarray(at, at + bytesMax);
    gathered = [all.subarray(at)];
    bytes -= at;
  }
  if (bytes > 0) yield Buffer.concat(gathered);
}

function pduHead(presentationContextId: number, bytes: number, flags: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(P_DATA_TF, 0);
  head.writeUInt32BE(bytes + COUNTED_BYTES, 2);
  head.writeUInt32BE(bytes + 2, 6);
  head.writeUInt8(presentationContextId, 10);
  head.writeUInt8(flags, 11);
  return head;
}

/** Resolves when the connection takes more. */
async function written(
  connection: GuardedSocket,
  parts: readonly Buffer[],
  takenMsMax: number,
): Promise<void> {
  if (connection.destroyed) throw new ConnectionEndedError();
  connection.write(Buffer.concat(parts));
  if (connection.writableNeedDrain) await inTime(connection.untilDrained(), takenMsMax);
}

/** TCP itself waits for ever for a peer that answers its probes, and no further. @throws PeerStuckError */
async function inTime(drained: Promise<void>, msMax: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new PeerStuckError()), msMax);
  try {
    await Promise.race([drained, late]);
  } finally {
    clearTimeout(timer);
  }
}
