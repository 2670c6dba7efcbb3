import { describe, expect, test } from '@jest/globals';
import { PDATA_BYTES_MAX, PduError, PduGuard } from '../../src/dimse/pduGuard.ts';

function pdu(type: number, length: number, announced = length): Buffer {
  const header = Buffer.from([type, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(announced, 2);
  return Buffer.concat([header, Buffer.alloc(length, type)]);
}

interface Passed {
  out: Buffer;
  error: unknown;
  /** Values that were taken, by presentation context. */
  taken: [number, Buffer][];
}

/** What came through, what was taken, and the error if there was one. @param takes whether the next P-DATA-TF is of a data set that is taken */
function pass(chunks: Buffer[], takes: (passed: readonly Buffer[]) => boolean = () => false): Passed {
  const received: Buffer[] = [];
  const taken: Passed['taken'] = [];
  const taker = {
    write: (contextId: number, value: Buffer) => {
      const last = taken.at(-1);
      if (last?.[0] === contextId) last[1] = Buffer.concat([last[1], value]);
      else taken.push([contextId, Buffer.from(value)]);
    },
  };
  const guard = new PduGuard({
    pass: (bytes) => void received.push(bytes),
    dataSetTaker: () => (takes(received) ? taker : undefined),
  });
  let error: unknown;
  try {
    for (const chunk of chunks) guard.take(chunk);
    guard.end();
  } catch (thrown) {
    error = thrown;
  }
  return { out: Buffer.concat(received), error, taken };
}

const conversation = Buffer.concat([pdu(1, 210), pdu(4, 80), pdu(4, PDATA_BYTES_MAX), pdu(5, 4)]);

describe('PduGuard', () => {
  test('passes a conversation on unchanged', () => {
    expect(pass([conversation])).toEqual({ out: conversation, error: undefined, taken: [] });
  });

  test.each([1, 2, 5, 7, 1460])('does so however it is cut: into pieces of %i bytes', (size) => {
    const short = Buffer.concat([pdu(1, 210), pdu(4, 80), pdu(4, 4694), pdu(5, 4)]);
    const pieces = [];
    for (let at = 0; at < short.length; at += size) pieces.push(short.subarray(at, at + size));
    expect(pass(pieces)).toEqual({ out: short, error: undefined, taken: [] });
  });

  test('drops a PDU that announces 60 MB at its header, and lets none of it through', () => {
    const { out, error } = pass([pdu(1, 210), pdu(4, 1000, 60_000_000)]);
    expect(error).toBeInstanceOf(PduError);
    expect(String(error)).toContain('P-DATA-TF of 60000000 bytes exceeds the limit of 131072');
    expect(out).toEqual(pdu(1, 210));
  });

  test.each([
    ['one byte too many', pdu(4, 0, PDATA_BYTES_MAX + 1), /exceeds/],
    ['an association request without end', pdu(1, 0, 0xffffffff), /A-ASSOCIATE-RQ of 4294967295 bytes/],
    ['a type that does not exist', pdu(0, 4), /no PDU of type 0/],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /no PDU of type 71/],
    ['a release that is too long', pdu(5, 5), /A-RELEASE-RQ has 5 bytes instead of 4/],
    ['an end inside a PDU', pdu(4, 10, 20), /middle of a PDU/],
    ['an end inside a header', pdu(5, 4).subarray(0, 3), /middle of a PDU/],
  ])('fails on %s', (_, bytes, message) => {
    const { error } = pass([bytes]);
    expect(error).toBeInstanceOf(PduError);
    expect(String(error)).toMatch(message);
  });
});

/** A presentation data value with its header. */
function pdv(contextId: number, flags: number, value: string): Buffer {
  const header = Buffer.from([0, 0, 0, 0, contextId, flags]);
  header.writeUInt32BE(value.length + 2);
  return Buffer.concat([header, Buffer.from(value)]);
}
function pdata(...values: Buffer[]): Buffer {
  const header = Buffer.from([4, 0, 0, 0, 0, 0]);
  const all = Buffer.concat(values);
  header.writeUInt32BE(all.length, 2);
  return Buffer.concat([header, all]);
}

describe('the data set of an object', () => {
  const command = pdata(pdv(3, 3, 'store'));
  const next = pdv(5, 3, 'the next command');
  const sent = Buffer.concat([
    command,
    pdata(pdv(3, 0, 'one, '), pdv(3, 0, 'two, ')),
    pdata(pdv(3, 0, '')),
    pdata(pdv(3, 2, 'three'), next),
    pdu(5, 4),
  ]);
  /** From the command on, until the last fragment was passed. */
  const isStoring = (passed: readonly Buffer[]): boolean => passed.length === 1;

  test.each([1, 2, 3, 7, 11, 1460])('is taken as it comes, in pieces of %i bytes', (size) => {
    const pieces = [];
    for (let at = 0; at < sent.length; at += size) pieces.push(sent.subarray(at, at + size));
    const { out, error, taken } = pass(pieces, isStoring);
    expect(error).toBeUndefined();
    expect(taken).toEqual([[3, Buffer.from('one, two, three')]]);
    expect(out).toEqual(Buffer.concat([command, pdata(pdv(3, 2, '')), pdata(next), pdu(5, 4)]));
  });

  test.each([
    [
      'a value that is longer than its PDU',
      pdata(pdv(3, 0, 'cut').fill(9, 3, 4)),
      /goes beyond its P-DATA-TF/,
    ],
    ['a value without a header', pdata(Buffer.alloc(6)), /has no header/],
    ['a piece of a header', pdata(Buffer.alloc(5)), /goes beyond its P-DATA-TF/],
    ['nothing', pdata(), /carries nothing/],
    ['a command', pdata(pdv(3, 1, 'command')), /before a data set has ended/],
    ['an end within a value', pdata(pdv(3, 0, 'value')).subarray(0, -1), /middle of a PDU/],
  ])('fails on %s', (_, bytes, message) => {
    const { error } = pass([command, bytes], isStoring);
    expect(error).toBeInstanceOf(PduError);
    expect(String(error)).toMatch(message);
  });
});
