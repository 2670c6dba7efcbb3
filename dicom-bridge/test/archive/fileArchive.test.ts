import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FileArchive } from '../../src/archive/files/fileArchive.ts';
import { ArchiveAwayError } from '../../src/archive/imageArchive.ts';
import { describeArchive } from './contract.ts';

describeArchive('files', (folder) =>
  Promise.resolve({ archive: new FileArchive(folder), close: () => Promise.resolve() }),
);

test('where it cannot write, it is away', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-archive-'));
  try {
    const file = path.join(folder, 'no-folder');
    writeFileSync(file, '');
    const archive = new FileArchive(file);
    const object = { studyInstanceUid: '1.2', seriesInstanceUid: '1.2', sha256: '', path: file };
    await expect(archive.store({ ...object, sopInstanceUid: '1.2.3' })).rejects.toBeInstanceOf(
      ArchiveAwayError,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
