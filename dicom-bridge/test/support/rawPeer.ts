import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** PDUs of PS3.8 section 9.3 and commands of PS3.7 annex E, made by hand so that they can be wrong. */

export const PDU = { associateRequest: 1, accept: 2, reject: 3, data: 4, release: 5, abort: 7 } as const;
/** Message control header of a fragment (PS3.8 annex E.2). */
export const [DATA, COMMAND, LAST] = [0, 1, 2];
const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';
/** A guard against hanging, not a measure. */
const LIMIT_MS = 60_000;

export interface ContextProposal {
  id: number;
  abstractSyntax: string;
  transferSyntax: string;
}

export function pdu(type: number, body: Buffer, lengthSaid = body.length): Buffer {
  const head = Buffer.from([type, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(lengthSaid, 2);
  return Buffer.concat([head, body]);
}

export function associateRequest(calling: string, called: string, contexts: ContextProposal[]): Buffer {
  const titles = Buffer.alloc(32, ' ');
  titles.write(called, 0, 16, 'latin1');
  titles.write(calling, 16, 16, 'latin1');
  const proposals = contexts.map(({ id, abstractSyntax, transferSyntax }) => {
    const syntaxes = [item(0x30, Buffer.from(abstractSyntax)), item(0x40, Buffer.from(transferSyntax))];
    return item(0x20, Buffer.concat([Buffer.from([id, 0, 0, 0]), ...syntaxes]));
  });
  const user = item(0x50, item(0x51, Buffer.from([0, 0, 0x40, 0])));
  const items = [item(0x10, Buffer.from(APPLICATION_CONTEXT)), ...proposals, user];
  return pdu(
    PDU.associateRequest,
    Buffer.concat([Buffer.from([0, 1, 0, 0]), titles, Buffer.alloc(32), ...items]),
  );
}

function item(type: number, body: Buffer): Buffer {
  const head = Buffer.from([type, 0, 0, 0]);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

/** A fragment, alone in its PDU. */
export function fragment(
  contextId: number,
  flags: number,
  bytes: Buffer,
  lengthSaid = bytes.length + 2,
): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32BE(lengthSaid, 0);
  head.set([contextId, flags], 4);
  return pdu(PDU.data, Buffer.concat([head, bytes]));
}

/** Elements of group 0000 in implicit little endian: texts are UIDs, numbers US. */
export function command(elements: readonly [number: number, value: string | number][]): Buffer {
  const encoded = elements.map(([number, value]) => element(number, valueBytes(value)));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.concat(encoded).length);
  return Buffer.concat([element(0, length), ...encoded]);
}

/** C-STORE-RQ (PS3.7 section 9.3.1.1). */
export const storeCommand = (sopClassUid: string, sopInstanceUid: string): Buffer =>
  command([
    [0x0002, sopClassUid],
    [0x0100, 0x0001],
    [0x0110, 7],
    [0x0700, 0],
    [0x0800, 0x0102],
    [0x1000, sopInstanceUid],
  ]);

function element(number: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(number, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}

function valueBytes(value: string | number): Buffer {
  if (typeof value === 'number') return Buffer.from([value & 0xff, value >> 8]);
  return Buffer.from(value.length % 2 === 0 ? value : `${value}\0`, 'latin1');
}

/** A peer that sends what it is told to, and looks at what comes. */
export class RawPeer {
  readonly #socket: Socket;
  readonly #closed: Promise<unknown>;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined); // it is cut off: that is looked at
    socket.on('data', (chunk) => (this.#received = Buffer.concat([this.#received, chunk])));
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawPeer(socket);
  }

  send(...pdus: Buffer[]): void {
    this.#socket.write(Buffer.concat(pdus));
  }

  /** Goes away without a word. */
  vanish(): void {
    this.#socket.destroy();
  }

  /** Says that nothing more comes. */
  end(): void {
    this.#socket.end();
  }

  /** Types of the PDUs that came until the connection was closed. */
  async untilClosed(): Promise<number[]> {
    await Promise.race([this.#closed, late('The connection is still open.')]);
    return [...this.#pdus()].map(({ type }) => type);
  }

  /** The next PDU of a type. */
  async pdu(type: number): Promise<Buffer> {
    for (const deadlineMs = Date.now() + LIMIT_MS; Date.now() < deadlineMs; await sleep(5)) {
      const found = [...this.#pdus()].find((one) => one.type === type);
      if (found) return found.body;
    }
    throw new Error(`No PDU of type ${type} came.`);
  }

  /** Status (0000,0900) of the first response. */
  async status(): Promise<number> {
    const body = await this.pdu(PDU.data);
    const at = body.indexOf(Buffer.from([0x00, 0x00, 0x00, 0x09, 0x02, 0x00, 0x00, 0x00]));
    if (at < 0) throw new Error('The response has no status.');
    return body.readUInt16LE(at + 8);
  }

  *#pdus(): Generator<{ type: number; body: Buffer }> {
    for (let at = 0; at + 6 <= this.#received.length;) {
      const end = at + 6 + this.#received.readUInt32BE(at + 2);
      if (end > this.#received.length) return;
      yield { type: this.#received[at]!, body: this.#received.subarray(at + 6, end) };
      at = end;
    }
  }
}

async function late(what: string): Promise<never> {
  await sleep(LIMIT_MS, undefined, { ref: false });
  throw new Error(what);
}
