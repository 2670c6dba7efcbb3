import { describe, expect, test } from '@jest/globals';
import { PDATA_BYTES_MAX, PduError, PduGuard } from '../../src/dimse/pduGuard.ts';

function pdu(type: number, length: number, announced = length): Buffer {
  const header = Buffer.from([type, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(announced, 2);
  return Buffer.concat([header, Buffer.alloc(length, type)]);
}

/** What came through, and the error if there was one. */
async function pass(chunks: Buffer[]): Promise<{ out: Buffer; error: unknown }> {
  const guard = new PduGuard();
  const received: Buffer[] = [];
  guard.on('data', (chunk: Buffer) => received.push(chunk));
  const error = await new Promise<unknown>((resolve) => {
    guard.once('error', resolve);
    guard.once('end', () => resolve(undefined));
    for (const chunk of chunks) guard.write(chunk);
    guard.end();
  });
  return { out: Buffer.concat(received), error };
}

const conversation = Buffer.concat([pdu(1, 210), pdu(4, 80), pdu(4, PDATA_BYTES_MAX), pdu(5, 4)]);

describe('PduGuard', () => {
  test('passes a conversation on unchanged', async () => {
    expect(await pass([conversation])).toEqual({ out: conversation, error: undefined });
  });

  test.each([1, 2, 5, 7, 1460])('does so however it is cut: into pieces of %i bytes', async (size) => {
    const short = Buffer.concat([pdu(1, 210), pdu(4, 80), pdu(4, 4694), pdu(5, 4)]);
    const pieces = [];
    for (let at = 0; at < short.length; at += size) pieces.push(short.subarray(at, at + size));
    expect(await pass(pieces)).toEqual({ out: short, error: undefined });
  });

  test('drops a PDU that announces 60 MB at its header, and lets none of it through', async () => {
    const { out, error } = await pass([pdu(1, 210), pdu(4, 1000, 60_000_000)]);
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
  ])('fails on %s', async (_, bytes, message) => {
    const { error } = await pass([bytes]);
    expect(error).toBeInstanceOf(PduError);
    expect(String(error)).toMatch(message);
  });
});
