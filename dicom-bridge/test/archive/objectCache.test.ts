import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { ObjectCache } from '../../src/archive/cache/objectCache.ts';
import { ArchiveAwayError, ArchiveRefusedError } from '../../src/archive/imageArchive.ts';
import { OrthancArchive } from '../../src/archive/orthanc/orthancArchive.ts';
import { newUid } from '../../src/identifiers/uid.ts';
import { xray } from '../support/dicomObject.ts';
import { hasOrthanc, startOrthanc } from '../support/orthanc.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));
const cacheFolder = path.join(folder, 'cache');

const contentOf = async (opened: Promise<FileHandle | undefined>): Promise<string> => {
  const handle = (await opened)!;
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
};

describe('files of objects that are kept elsewhere', () => {
  /** How often each was fetched. */
  let fetched: string[];
  let cache: ObjectCache;
  beforeEach(async () => {
    fetched = [];
    cache = await ObjectCache.open({ archive: { read }, folder: cacheFolder, bytesMax: 100 });
  });
  const contents: Record<string, () => Readable> = {
    '1.1': () => Readable.from([Buffer.alloc(40, 'a')]),
    '1.2': () => Readable.from([Buffer.alloc(40, 'b')]),
    '1.3': () => Readable.from([Buffer.alloc(40, 'c')]),
    '1.4': () => Readable.from([Buffer.alloc(90), Buffer.alloc(90)]),
    '1.5': () =>
      new Readable({
        read() {
          this.destroy(new Error('broken off'));
        },
      }),
  };
  const read = (uid: string) => {
    fetched.push(uid);
    return Promise.resolve(contents[uid]?.());
  };

  test('are fetched once, however many ask', async () => {
    const both = await Promise.all([contentOf(cache.open('1.1')), contentOf(cache.open('1.1'))]);
    expect(both).toEqual(Array(2).fill('a'.repeat(40)));
    await contentOf(cache.open('1.1'));
    expect(fetched).toEqual(['1.1']);
  });

  test('are dropped when there are too many, first those that nobody has asked for since', async () => {
    const first = (await cache.open('1.1'))!;
    await contentOf(cache.open('1.2'));
    await contentOf(cache.open('1.1'));
    await contentOf(cache.open('1.3'));
    expect(readdirSync(cacheFolder).toSorted()).toEqual(['1.1.dcm', '1.3.dcm']);
    await contentOf(cache.open('1.2'));
    expect(fetched).toEqual(['1.1', '1.2', '1.3', '1.2']);
    expect(readdirSync(cacheFolder).toSorted()).toEqual(['1.2.dcm', '1.3.dcm']);
    expect(await first.readFile('utf8')).toBe('a'.repeat(40)); // who reads it has it
    await first.close();
  });

  test('leave nothing behind when they are not there, too large, or broken off', async () => {
    expect(await cache.open('1.9')).toBeUndefined();
    await expect(cache.open('1.4')).rejects.toBeInstanceOf(ArchiveRefusedError);
    await expect(cache.open('1.5')).rejects.toBeInstanceOf(ArchiveAwayError);
    await expect(cache.open('../1.1')).rejects.toBeInstanceOf(ArchiveRefusedError);
    expect(readdirSync(cacheFolder)).toEqual([]);
    await contentOf(cache.open('1.1'));
  });

  test('are fetched again when somebody has removed them, or after a start', async () => {
    await contentOf(cache.open('1.1'));
    rmSync(path.join(cacheFolder, '1.1.dcm'));
    await contentOf(cache.open('1.1'));
    expect(fetched).toEqual(['1.1', '1.1']);
    writeFileSync(path.join(cacheFolder, 'old.part'), '');
    await ObjectCache.open({ archive: { read }, folder: cacheFolder, bytesMax: 100 });
    expect(readdirSync(cacheFolder)).toEqual([]);
  });
});

(hasOrthanc() ? test : test.skip)('an object of Orthanc is a file', async () => {
  const started = await startOrthanc();
  try {
    const archive = new OrthancArchive(started.orthanc);
    const { object, dataSet, file } = xray();
    const at = path.join(folder, 'object.dcm');
    writeFileSync(at, file);
    await archive.store({ ...object, sha256: '', path: at });
    const cache = await ObjectCache.open({ archive, folder: cacheFolder, bytesMax: 1_000_000 });
    const handle = (await cache.open(object.sopInstanceUid))!;
    const bytes = await handle.readFile();
    await handle.close();
    expect(bytes.subarray(-dataSet.length).equals(dataSet)).toBe(true);
    expect(await cache.open(newUid())).toBeUndefined();
  } finally {
    await started.stop();
  }
});
