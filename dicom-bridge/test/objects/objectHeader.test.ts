import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ObjectError, readObjectHeader } from '../../src/objects/objectHeader.ts';
import { fileOf, xray } from '../support/dicomObject.ts';
import { encapsulated, imageDataSet } from '../support/image.ts';
import { suiteFolder } from '../support/storedFile.ts';

const folder = suiteFolder();
const headerOf = (file: Buffer) => {
  const at = path.join(folder, 'object.dcm');
  writeFileSync(at, file);
  return readObjectHeader(at);
};

describe('the beginning of an object', () => {
  test('identifies it', async () => {
    const { object, file } = xray();
    const { sopClassUid, sopInstanceUid, studyInstanceUid, seriesInstanceUid } = object;
    expect(await headerOf(file)).toMatchObject({
      ...{ sopClassUid, sopInstanceUid, studyInstanceUid, seriesInstanceUid },
      attributes: { patientId: 'P1', modality: 'DX' },
    });
  });

  test('may have an extended offset table, or a document of many megabytes', async () => {
    const table = imageDataSet({
      others: [
        [0x7fe0, 0x0001, 'OV', Buffer.alloc(8)],
        [0x7fe0, 0x0002, 'OV', Buffer.alloc(8)],
      ],
    });
    const file = fileOf(encapsulated(table, [Buffer.alloc(4)]), '1.2.840.10008.1.2.4.50');
    expect(await headerOf(file)).toMatchObject({ sopInstanceUid: '1.2.3' });
    const document = imageDataSet({ others: [[0x0042, 0x0011, 'OB', Buffer.alloc(6 * 1024 * 1024)]] });
    expect(await headerOf(fileOf(document))).toMatchObject({ sopInstanceUid: '1.2.3' });
  });

  test.each([
    ['pixels that are cut off', xray().file.subarray(0, -2)],
    ['a UID that is none', xray({ studyInstanceUid: '1.02' }).file],
    ['no UID', fileOf(Buffer.alloc(0))],
    ['no file', Buffer.alloc(200)],
    ['half a head', xray().file.subarray(0, 100)],
  ])('is refused: %s', async (_what, file) => {
    await expect(headerOf(file)).rejects.toBeInstanceOf(ObjectError);
  });
});
