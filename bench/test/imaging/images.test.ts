import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readObjectHeader } from '../../../dicom-bridge/src/objects/objectHeader.ts';
import { writeImages } from '../../src/imaging/images.ts';

const KIB = 1_024;
const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-bench-images-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('images are DICOM files with 512 KiB of pixels, two to a study, each study of the next patient', async () => {
  const studies = await writeImages(folder, 4, 7);
  expect(studies.map(({ patientId }) => patientId)).toEqual(['BENCH7', 'BENCH8']);
  const names = studies.flatMap(({ sopInstanceUids }) => sopInstanceUids.map((uid) => `${uid}.dcm`));
  expect(new Set(names).size).toBe(4);
  expect(readdirSync(folder).toSorted()).toEqual(names.toSorted());
  for (const { patientId, studyInstanceUid, seriesInstanceUid, sopInstanceUids } of studies) {
    for (const sopInstanceUid of sopInstanceUids) {
      const file = path.join(folder, `${sopInstanceUid}.dcm`);
      expect(await readObjectHeader(file)).toMatchObject({
        ...{ studyInstanceUid, seriesInstanceUid, sopInstanceUid },
        attributes: { patientId, modality: 'DX' },
      });
      const { size } = statSync(file);
      expect(size).toBeGreaterThan(512 * KIB);
      expect(size).toBeLessThan(514 * KIB);
    }
  }
});
