import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from '@jest/globals';
import { FileSource } from '../../src/stored/byteSource.ts';
import { readStoredObject, type StoredObject } from '../../src/stored/storedObject.ts';

/** A folder that is removed after the suite. */
export function suiteFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-stored-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Writes a file, and has it read as an object while it is open. */
export async function withObject<T>(
  folder: string,
  file: Buffer | string,
  read: (object: StoredObject) => Promise<T> | T,
): Promise<T> {
  const at = typeof file === 'string' ? file : path.join(folder, 'object.dcm');
  if (typeof file !== 'string') writeFileSync(at, file);
  const handle = await open(at);
  try {
    return await read(await readStoredObject(await FileSource.of(handle)));
  } finally {
    await handle.close();
  }
}
