import { afterAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Renderer, RenderError, RendererBusyError } from '../../src/rendering/renderer.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { fileOf } from '../support/dicomObject.ts';
import { encapsulated, imageDataSet, ramp } from '../support/image.ts';
import { pictureBy, taskOf } from '../support/rendered.ts';
import { suiteFolder } from '../support/storedFile.ts';

const folder = suiteFolder();
const renderer = new Renderer();
afterAll(() => renderer.close());

describe('faults of frames', () => {
  const JPEG_LOSSLESS = '1.2.840.10008.1.2.4.70';

  test('a frame that is no image is said to be none, and the next one is shown', async () => {
    for (const junk of [
      Buffer.alloc(100, 7),
      Buffer.from('ffd8ffc3000b0c00400040011100ffda', 'hex'),
      Buffer.alloc(0),
    ]) {
      const broken = fileOf(encapsulated(imageDataSet(), [junk]), JPEG_LOSSLESS);
      await expect(pictureBy(renderer, folder, broken)).rejects.toBeInstanceOf(RenderError);
    }
    expect(await pictureBy(renderer, folder, fileOf(imageDataSet()))).toMatchObject({ width: 64 });
  });

  testWithDcmtk('a decoder that has failed, even thirty times, harms no frame after it', async () => {
    const [plain, jpeg] = [path.join(folder, 'plain.dcm'), path.join(folder, 'jpeg.dcm')];
    writeFileSync(plain, fileOf(imageDataSet()));
    expect(await dcmtk('dcmcjpeg', ['+el', plain, jpeg])).toMatchObject({ code: 0 });
    const { frame } = await taskOf(folder, jpeg);
    const broken = Buffer.from(frame.bytes);
    broken[0] = 0;
    const task = { kind: 'decode', frame: { ...frame, bytes: broken } } as const;
    for (let time = 0; time < 30; time += 1)
      await expect(renderer.do(task)).rejects.toBeInstanceOf(RenderError);
    expect(Buffer.from(await renderer.do({ kind: 'decode', frame })).equals(ramp(64 * 64))).toBe(true);
  });

  test('numbers that are no grays are not shown as such', async () => {
    const dataSet = imageDataSet({
      rows: 1,
      columns: 1,
      bitsAllocated: 32,
      bitsStored: 32,
      pixels: Buffer.alloc(4),
    });
    dataSet.writeUInt16LE(0x0008, dataSet.length - 14); // Float Pixel Data instead
    await expect(pictureBy(renderer, folder, fileOf(dataSet))).rejects.toThrow('floating point');
  });

  test('as many different values as a large frame can have do not end the process', async () => {
    const [rows, columns] = [7_900, 7_900];
    const { frame, presentation } = await taskOf(
      folder,
      fileOf(
        imageDataSet({ rows: 1, columns: 1, bitsAllocated: 32, bitsStored: 32, pixels: Buffer.alloc(4) }),
      ),
    );
    const large = {
      ...frame,
      pixels: { ...frame.pixels, rows, columns },
      bytes: new Uint8Array(rows * columns * 4),
    };
    const viewport = { width: 60, height: 60 };
    const picture = await renderer.do({
      kind: 'picture',
      frame: large,
      presentation,
      format: 'image/png',
      viewport,
    });
    expect(picture.length).toBeGreaterThan(0);
  });

  test('a frame that says that it is larger than its object is not decoded', async () => {
    const huge = Buffer.from('ffd8ffc3000b0cffffffff011100ffda0000000000000000', 'hex');
    const broken = fileOf(encapsulated(imageDataSet(), [huge]), JPEG_LOSSLESS);
    await expect(pictureBy(renderer, folder, broken)).rejects.toThrow('another size');
  });

  test('what takes too long is ended', async () => {
    const impatient = new Renderer({ timeoutMs: 1 });
    try {
      await expect(impatient.do(await taskOf(folder, fileOf(imageDataSet())))).rejects.toThrow(
        'takes too long',
      );
    } finally {
      await impatient.close();
    }
  });

  test('a thread that nobody has needed for some time ends, and another one is begun for the next picture', async () => {
    const short = new Renderer({ idleMs: 1 });
    try {
      const task = await taskOf(folder, fileOf(imageDataSet()));
      const first = await short.do(task);
      await sleep(20);
      expect(Buffer.from(await short.do(task)).equals(first)).toBe(true);
    } finally {
      await short.close();
    }
  });

  test('what is too much at once is refused, and what nobody waits for is not begun', async () => {
    const small = new Renderer({ waitingMax: 1 });
    try {
      const task = await taskOf(folder, fileOf(imageDataSet()));
      const left = new AbortController();
      const first = small.do(task);
      const second = small.do(task, left.signal);
      left.abort();
      await expect(small.do(task)).rejects.toBeInstanceOf(RendererBusyError);
      await expect(second).rejects.toBeInstanceOf(RendererBusyError);
      expect((await first).length).toBeGreaterThan(0);
    } finally {
      await small.close();
    }
  });
});
