import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  ArchiveRefusedError,
  type ArchiveObject,
  type ImageArchive,
} from '../../src/archive/imageArchive.ts';
import { newUid } from '../../src/identifiers/uid.ts';
import { xray, type TestObject } from '../support/dicomObject.ts';

/** What every archive must do. @param open makes an empty one, and says how it is closed */
export function describeArchive(
  name: string,
  open: (folder: string) => Promise<{ archive: ImageArchive; close: () => Promise<void> }>,
): void {
  describe(name, () => {
    let folder: string;
    let archive: ImageArchive;
    let close: () => Promise<void>;
    beforeAll(async () => {
      folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-archive-'));
      ({ archive, close } = await open(path.join(folder, 'archive')));
    });
    afterAll(async () => {
      await close();
      rmSync(folder, { recursive: true });
    });

    const made = (of: Partial<TestObject> = {}): ArchiveObject & { dataSet: Buffer } => {
      const { object, dataSet, file } = xray(of);
      const at = path.join(folder, `${newUid()}.dcm`);
      writeFileSync(at, file);
      return { ...object, dataSet, sha256: createHash('sha256').update(dataSet).digest('hex'), path: at };
    };

    test('what is stored is there, as it was', async () => {
      const object = made();
      expect(await archive.has(object.sopInstanceUid)).toBe(false);
      expect(await archive.read(object.sopInstanceUid)).toBeUndefined();
      await archive.store(object);
      expect(await archive.has(object.sopInstanceUid)).toBe(true);
      const file = await buffer((await archive.read(object.sopInstanceUid))!);
      expect(file.toString('latin1', 128, 132)).toBe('DICM');
      expect(file.subarray(-object.dataSet.length).equals(object.dataSet)).toBe(true);
    });

    test('the same may be stored again; another object under its UID is refused', async () => {
      const object = made();
      await archive.store(object);
      await archive.store(object);
      const other = made({ ...object, patientId: 'P1', fill: 9 });
      await expect(archive.store(other)).rejects.toBeInstanceOf(ArchiveRefusedError);
      const file = await buffer((await archive.read(object.sopInstanceUid))!);
      expect(file.subarray(-object.dataSet.length).equals(object.dataSet)).toBe(true);
    });

    test('many are stored at once', async () => {
      const objects = Array.from({ length: 12 }, () => made());
      await Promise.all([...objects, ...objects].map((object) => archive.store(object)));
      for (const { sopInstanceUid } of objects) expect(await archive.has(sopInstanceUid)).toBe(true);
    });

    test('what is removed is gone', async () => {
      const object = made();
      await archive.store(object);
      await archive.remove(object.sopInstanceUid);
      await archive.remove(object.sopInstanceUid);
      expect(await archive.has(object.sopInstanceUid)).toBe(false);
      await archive.store(object);
      expect(await archive.has(object.sopInstanceUid)).toBe(true);
    });

    test('a UID that is none leads nowhere', async () => {
      for (const uid of ['../../etc/passwd', '', '1.2.3/system', '1'.repeat(65)])
        await expect(archive.has(uid)).rejects.toBeInstanceOf(ArchiveRefusedError);
    });
  });
}
