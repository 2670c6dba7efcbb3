import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { encodeDataSet } from '../../../dicom-bridge/src/objects/encodeDataSet.ts';
import { encodeFileMeta } from '../../../dicom-bridge/src/objects/fileMeta.ts';
import { newUid } from '../../../dicom-bridge/src/identifiers/uid.ts';
import { IMAGES_PER_STUDY } from './plan.ts';
import { FAMILY, patientNumber } from './records.ts';

/** A study that was sent. */
export interface SentStudy {
  patientId: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  sopInstanceUids: string[];
}

/** Digital X-Ray Image Storage - For Presentation. */
const DX_CLASS = '1.2.840.10008.5.1.4.1.1.1.1';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
/** 512 KiB of pixels. */
const [ROWS, COLUMNS] = [512, 512];
const BYTES_PER_PIXEL = 2;
const PIXEL_BITS = 12;

/** Of all images: soft slopes, so that a picture of it is no harder than of a patient. */
const PIXELS: Buffer = (() => {
  const bytes = Buffer.alloc(ROWS * COLUMNS * BYTES_PER_PIXEL);
  const half = 2 ** (PIXEL_BITS - 1);
  for (let at = 0; at < ROWS * COLUMNS; at += 1) {
    const [row, column] = [Math.floor(at / COLUMNS), at % COLUMNS];
    const value = half + (half - 1) * Math.sin(row / 40) * Math.cos(column / 60);
    bytes.writeUInt16LE(Math.floor(value), at * BYTES_PER_PIXEL);
  }
  return bytes;
})();

/** The element Pixel Data (7FE0,0010), explicit little endian. */
const PIXEL_DATA: Buffer = (() => {
  const head = Buffer.from('e07f10004f57000000000000', 'hex');
  head.writeUInt32LE(PIXELS.length, 8);
  return Buffer.concat([head, PIXELS]);
})();

const imageFile = (study: SentStudy, index: number): Buffer => {
  const sopInstanceUid = study.sopInstanceUids[index]!;
  const identification = encodeDataSet(
    {
      SOPClassUID: DX_CLASS,
      SOPInstanceUID: sopInstanceUid,
      StudyDate: '20261101',
      StudyTime: '080000',
      AccessionNumber: '',
      Modality: 'DX',
      PatientName: `${FAMILY.toUpperCase()}^`,
      PatientID: study.patientId,
      StudyInstanceUID: study.studyInstanceUid,
      SeriesInstanceUID: study.seriesInstanceUid,
      SeriesNumber: 1,
      InstanceNumber: index + 1,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: ROWS,
      Columns: COLUMNS,
      BitsAllocated: BYTES_PER_PIXEL * 8,
      BitsStored: PIXEL_BITS,
      HighBit: PIXEL_BITS - 1,
      PixelRepresentation: 0,
      WindowCenter: String(2 ** (PIXEL_BITS - 1)),
      WindowWidth: String(2 ** PIXEL_BITS),
    },
    EXPLICIT_LITTLE_ENDIAN,
  );
  const meta = { sopClassUid: DX_CLASS, sopInstanceUid, sourceAeTitle: 'BENCH' };
  return Buffer.concat([
    encodeFileMeta({ ...meta, transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN }),
    identification,
    PIXEL_DATA,
  ]);
};

const newStudy = (patient: number): SentStudy => ({
  patientId: patientNumber(patient),
  studyInstanceUid: newUid(),
  seriesInstanceUid: newUid(),
  sopInstanceUids: Array.from({ length: IMAGES_PER_STUDY }, newUid),
});

/**
 * Writes images that nobody has sent before, and waits until they are on the disk: writing them back is to be no part of what is measured.
 *
 * @param folder is made
 * @param from index of the first study's patient; the next study is of the next patient
 */
export const writeImages = async (folder: string, images: number, from: number): Promise<SentStudy[]> => {
  await mkdir(folder, { recursive: true });
  const studies = Array.from({ length: images / IMAGES_PER_STUDY }, (_, at) => newStudy(from + at));
  for (const study of studies) {
    for (const [index, uid] of study.sopInstanceUids.entries()) {
      const file = await open(path.join(folder, `${uid}.dcm`), 'w');
      await file.writeFile(imageFile(study, index));
      await file.datasync();
      await file.close();
    }
  }
  return studies;
};
