import { expect, test } from '@jest/globals';
import dimse from 'dcmjs-dimse';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DCIODVFY, isInstalled } from '../../../scripts/services/dicom3tools.mjs';
import { dxImage, newUid } from '../../xray/image.ts';
import { phantom, type View } from '../../xray/phantom.ts';

const VIEWS = ['ap', 'lateral'] as const satisfies View[];
const item = {
  patientName: 'Winter^Ada',
  patientId: 'P-1',
  birthDate: '19700302',
  sex: 'F',
  accessionNumber: 'A1',
  studyInstanceUid: newUid(),
  description: 'Ankle X-ray',
  stepId: 'A1',
};

test.each(VIEWS)('the %s view has air, tissue and bone, within 12 bits', (view) => {
  const { rows, columns, pixels } = phantom(view);
  expect(pixels).toHaveLength(rows * columns);
  const sorted = pixels.toSorted();
  const [air, middle, bone] = [0.02, 0.5, 0.98].map((part) => sorted[Math.floor(part * sorted.length)]!);
  expect(air).toBeLessThan(300);
  expect(middle).toBeGreaterThan(300);
  expect(bone).toBeGreaterThan(1_500);
  expect(sorted.at(-1)).toBeLessThan(2 ** 12);
});

(isInstalled() ? test : test.skip).each(VIEWS)('the %s view is a valid DX image', (view) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'maxray-xray-'));
  const file = path.join(folder, 'image.dcm');
  const station = { aeTitle: 'SIM', name: 'SIM' };
  const at = { seriesInstanceUid: newUid(), number: 1, date: '20261122', time: '101112' };
  new dimse.Dataset(dxImage({ item, station, view, ...at })).toFile(file);
  const { stderr, status } = spawnSync(DCIODVFY, [file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(stderr.split('\n').filter((line) => line.startsWith('Error'))).toEqual([]);
  expect([status, stderr]).toEqual([0, expect.stringContaining('DXImageForPresentation')]);
});
