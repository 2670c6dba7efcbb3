import { encodeFileMeta } from '../../src/objects/fileMeta.ts';
import { newUid } from '../../src/identifiers/uid.ts';

/** Digital X-Ray Image Storage - For Presentation. */
export const DX_CLASS = '1.2.840.10008.5.1.4.1.1.1.1';
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

export interface TestObject {
  sopClassUid: string;
  sopInstanceUid: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  patientId: string;
  patientName: string;
  accessionNumber: string;
  rows: number;
  columns: number;
  /** The byte that all pixels are made of. */
  fill: number;
}

export type Element = readonly [group: number, number: number, form: string, value: string | number | Buffer];

/** The data set of an X-ray image, explicit little endian, and what it was made of. */
export function xray(of: Partial<TestObject> = {}): { object: TestObject; dataSet: Buffer; file: Buffer } {
  const object: TestObject = {
    sopClassUid: DX_CLASS,
    sopInstanceUid: newUid(),
    studyInstanceUid: newUid(),
    seriesInstanceUid: newUid(),
    patientId: 'P1',
    patientName: 'Test^Ann',
    accessionNumber: '',
    rows: 64,
    columns: 64,
    fill: 1,
    ...of,
  };
  const dataSet = encodeElements([
    [0x0008, 0x0016, 'UI', object.sopClassUid],
    [0x0008, 0x0018, 'UI', object.sopInstanceUid],
    [0x0008, 0x0050, 'SH', object.accessionNumber],
    [0x0008, 0x0060, 'CS', 'DX'],
    [0x0010, 0x0010, 'PN', object.patientName],
    [0x0010, 0x0020, 'LO', object.patientId],
    [0x0020, 0x000d, 'UI', object.studyInstanceUid],
    [0x0020, 0x000e, 'UI', object.seriesInstanceUid],
    [0x0020, 0x0013, 'IS', '1'],
    [0x0028, 0x0002, 'US', 1],
    [0x0028, 0x0004, 'CS', 'MONOCHROME2'],
    [0x0028, 0x0010, 'US', object.rows],
    [0x0028, 0x0011, 'US', object.columns],
    [0x0028, 0x0100, 'US', 16],
    [0x0028, 0x0101, 'US', 12],
    [0x0028, 0x0102, 'US', 11],
    [0x0028, 0x0103, 'US', 0],
    [0x7fe0, 0x0010, 'OW', Buffer.alloc(object.rows * object.columns * 2, object.fill)],
  ]);
  const meta = { ...object, transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN, sourceAeTitle: 'TEST' };
  return { object, dataSet, file: Buffer.concat([encodeFileMeta(meta), dataSet]) };
}

/** A data set in explicit little endian. */
export const encodeElements = (elements: readonly Element[]): Buffer =>
  Buffer.concat(elements.map(encodeElement));

/** A DICOM file of a data set. */
export const fileOf = (
  dataSet: Buffer,
  transferSyntaxUid = EXPLICIT_LITTLE_ENDIAN,
  sopInstanceUid = '1.2.3',
): Buffer =>
  Buffer.concat([
    encodeFileMeta({
      sopClassUid: DX_CLASS,
      sopInstanceUid,
      transferSyntaxUid,
      sourceAeTitle: 'TEST',
    }),
    dataSet,
  ]);

/** Value representations whose length has four bytes. */
const LONG_FORMS: ReadonlySet<string> = new Set('OB OD OF OL OV OW SQ SV UN UT UV'.split(' '));

function encodeElement([group, number, form, value]: Element): Buffer {
  const bytes = valueBytes(form, value);
  const isLong = LONG_FORMS.has(form);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(form, 4, 'latin1');
  if (isLong) head.writeUInt32LE(bytes.length, 8);
  else head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

function valueBytes(form: string, value: string | number | Buffer): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'number') return Buffer.from([value & 0xff, value >> 8]);
  const padding = value.length % 2 === 0 ? '' : form === 'UI' ? '\0' : ' ';
  return Buffer.from(value + padding, 'latin1');
}
