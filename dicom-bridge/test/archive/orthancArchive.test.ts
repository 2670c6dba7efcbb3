import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ArchiveAwayError, ArchiveRefusedError } from '../../src/archive/imageArchive.ts';
import { Orthanc } from '../../src/archive/orthanc/orthanc.ts';
import { OrthancArchive } from '../../src/archive/orthanc/orthancArchive.ts';
import { hasOrthanc, startOrthanc, type TestOrthanc } from '../support/orthanc.ts';
import { describeArchive } from './contract.ts';

if (hasOrthanc()) {
  describeArchive('Orthanc', async () => {
    const started = await startOrthanc();
    return { archive: new OrthancArchive(started.orthanc), close: () => started.stop() };
  });
}

(hasOrthanc() ? describe : describe.skip)('faults of Orthanc', () => {
  let started: TestOrthanc;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-archive-'));
    started = await startOrthanc();
  });
  afterAll(async () => {
    await started.stop();
    rmSync(folder, { recursive: true });
  });

  test('what is no DICOM file is refused; a wrong password and silence are no refusals', async () => {
    const file = path.join(folder, 'text.dcm');
    writeFileSync(file, 'this is no DICOM file');
    const object = {
      sopInstanceUid: '1.2.3',
      studyInstanceUid: '1.2',
      seriesInstanceUid: '1.2',
      sha256: '',
      path: file,
    };
    const archive = new OrthancArchive(started.orthanc);
    await expect(archive.store(object)).rejects.toBeInstanceOf(ArchiveRefusedError);
    const stranger = new OrthancArchive(new Orthanc({ ...started.options, password: 'wrong' }));
    await expect(stranger.has('1.2.3')).rejects.toBeInstanceOf(ArchiveAwayError);
    const nobody = new OrthancArchive(new Orthanc({ ...started.options, url: 'http://127.0.0.1:1' }));
    await expect(nobody.store(object)).rejects.toBeInstanceOf(ArchiveAwayError);
  });
});
