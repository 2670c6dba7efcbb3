import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { ReceivedHeaders } from '../../src/spool/receivedHeaders.ts';
import { MemorySource, type ByteSource } from '../../src/stored/byteSource.ts';
import { DEFLATED } from '../../src/stored/transferSyntax.ts';
import { EXPLICIT_LITTLE_ENDIAN, fileOf, xray } from '../support/dicomObject.ts';

/** Counts the sources that have been read from and whose headers are not known yet. */
class Counter {
  underWay = 0;
  most = 0;

  async read(headers: ReceivedHeaders, file: Buffer, transferSyntaxUid: string): Promise<string> {
    const { sopInstanceUid } = await headers.read(this.#source(file), transferSyntaxUid);
    this.underWay -= 1;
    return sopInstanceUid;
  }

  #source(file: Buffer): ByteSource {
    const memory = new MemorySource(file);
    let isBegun = false;
    return {
      sizeBytes: memory.sizeBytes,
      read: async (at, lengthBytes) => {
        await nextTurn(); // whoever was before has ended by then
        if (!isBegun) this.underWay += 1;
        isBegun = true;
        this.most = Math.max(this.most, this.underWay);
        return memory.read(at, lengthBytes);
      },
    };
  }
}

const readAtOnce = async (transferSyntaxUid: string, encode: (dataSet: Buffer) => Buffer) => {
  const objects = Array.from({ length: 8 }, () => xray());
  const [headers, counter] = [new ReceivedHeaders(), new Counter()];
  const uids = await Promise.all(
    objects.map(({ dataSet }) =>
      counter.read(headers, fileOf(encode(dataSet), transferSyntaxUid), transferSyntaxUid),
    ),
  );
  expect(uids).toEqual(objects.map(({ object }) => object.sopInstanceUid));
  return counter.most;
};

test('of deflated objects one at a time is in memory', async () => {
  expect(await readAtOnce(DEFLATED, deflateRawSync)).toBe(1);
});

test('others are read at once', async () => {
  expect(await readAtOnce(EXPLICIT_LITTLE_ENDIAN, (dataSet) => dataSet)).toBe(8);
});

test('one that cannot be inflated does not hold up the next', async () => {
  const headers = new ReceivedHeaders();
  const { object, dataSet } = xray();
  const broken = headers.read(new MemorySource(fileOf(Buffer.from('no'), DEFLATED)), DEFLATED);
  const whole = headers.read(new MemorySource(fileOf(deflateRawSync(dataSet), DEFLATED)), DEFLATED);
  await expect(broken).rejects.toThrow('inflated');
  expect((await whole).sopInstanceUid).toBe(object.sopInstanceUid);
});
