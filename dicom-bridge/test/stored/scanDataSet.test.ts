import { describe, expect, test } from '@jest/globals';
import { deflateRawSync } from 'node:zlib';
import { dicomJson } from '../../src/metadata/dicomJson.ts';
import { findFrames, readFrame } from '../../src/frames/frames.ts';
import { ObjectError } from '../../src/objects/objectHeader.ts';
import { MemorySource } from '../../src/stored/byteSource.ts';
import { scanDataSet } from '../../src/stored/scanDataSet.ts';
import { encodeElements, fileOf } from '../support/dicomObject.ts';
import { encapsulated, imageDataSet, sequenceItem } from '../support/image.ts';
import { suiteFolder, withObject } from '../support/storedFile.ts';

const folder = suiteFolder();
const EXPLICIT = { isExplicit: true, isLittleEndian: true };
const IMPLICIT = { isExplicit: false, isLittleEndian: true };
const scan = (bytes: Buffer, syntax = EXPLICIT) => scanDataSet(new MemorySource(bytes), 0, syntax);

/** Numbers that are the same in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('elements of a data set', () => {
  test('a sequence of unknown representation is in implicit syntax', async () => {
    const inner = Buffer.from('28001000020000000200', 'hex'); // Rows, implicit
    const bytes = Buffer.concat([
      Buffer.from('090001 10'.replace(' ', ''), 'hex'),
      Buffer.from('UN\0\0', 'latin1'),
      Buffer.from('fffffffffeff00e0ffffffff', 'hex'),
      inner,
      Buffer.from('feff0de000000000feffdde000000000', 'hex'),
      encodeElements([[0x0028, 0x0011, 'US', 3]]),
    ]);
    const dataSet = await scan(bytes);
    expect(dataSet.items(0x0009_1001)[0]?.number(0x0028_0010)).toBe(2);
    expect(dataSet.number(0x0028_0011)).toBe(3);
  });

  test('in implicit syntax, the dictionary and the sign of pixels say what values are', async () => {
    const bytes = Buffer.from('280003010200000001002800060102000000fbff09000110020000000102', 'hex');
    const dataSet = await scan(bytes, IMPLICIT);
    expect(dataSet.number(0x0028_0106)).toBe(-5);
    expect(dataSet.elements.get(0x0009_1001)?.vr).toBe('UN');
  });

  test('what is deflated is inflated, up to a limit', async () => {
    const dataSet = imageDataSet();
    const deflated = (bytes: Buffer) => fileOf(deflateRawSync(bytes), '1.2.840.10008.1.2.1.99');
    await withObject(folder, deflated(dataSet), (object) => {
      expect(object.dataSet.number(0x0028_0010)).toBe(64);
      expect(object.transferSyntaxUid).toBe('1.2.840.10008.1.2.1');
    });
    const bomb = deflated(Buffer.alloc(160 * 1024 * 1024));
    await expect(withObject(folder, bomb, () => undefined)).rejects.toBeInstanceOf(ObjectError);
  });

  test.each([
    [
      'a sequence that goes deeper and deeper',
      Buffer.concat(
        Array(200).fill(
          Buffer.from('08004011535100 00ffffffff'.replace(' ', '') + 'feff00e0ffffffff', 'hex'),
        ),
      ),
    ],
    ['a value beyond the end', encodeElements([[0x0008, 0x0060, 'CS', 'DX']]).subarray(0, 9)],
    ['half a head', encodeElements([[0x0008, 0x0060, 'CS', 'DX']]).subarray(0, 5)],
    ['no representation', Buffer.from('08006000 00000200 4458'.replaceAll(' ', ''), 'hex')],
    [
      'an item beyond its sequence',
      encodeElements([[0x0008, 0x1140, 'SQ', Buffer.from('feff00e0ff000000', 'hex')]]),
    ],
    [
      'something else than items',
      encodeElements([[0x0008, 0x1140, 'SQ', encodeElements([[0x0008, 0x0060, 'CS', 'DX']])]]),
    ],
    ['a text without a length', Buffer.from('10004000 5554 0000 ffffffff'.replaceAll(' ', ''), 'hex')],
  ])('is refused: %s', async (_what, bytes) => {
    await expect(scan(bytes)).rejects.toBeInstanceOf(ObjectError);
  });

  test('whatever becomes of its bytes, an object is read or refused', async () => {
    const icon = sequenceItem([0x7fe0, 0x0010, 'OW', Buffer.alloc(64)]);
    const image = imageDataSet({
      rows: 8,
      columns: 8,
      pixels: Buffer.alloc(128),
      others: [[0x0088, 0x0200, 'SQ', icon]],
    });
    const files = [fileOf(image), fileOf(encapsulated(image, [Buffer.alloc(8)], [0]), '1.2.840.10008.1.2.5')];
    const random = seeded(7);
    let refused = 0;
    for (let round = 0; round < 1_000; round += 1) {
      const file = Buffer.from(files[round % 2]!);
      for (let count = 1 + random(4); count > 0; count -= 1)
        file[132 + random(file.length - 132)] = random(256);
      const cut = random(10) === 0 ? file.subarray(0, random(file.length)) : file;
      const read = withObject(folder, cut, async (object) => {
        await dicomJson(object);
        const frames = await findFrames(object);
        if (frames) await readFrame(frames, object.source, 0);
      });
      await read.catch((error: unknown) => {
        expect(error).toBeInstanceOf(ObjectError);
        refused += 1;
      });
    }
    expect(refused).toBeGreaterThan(50);
    expect(refused).toBeLessThan(950);
  });
});
