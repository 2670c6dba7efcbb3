import { newUid } from '../../../../../dicom-bridge/src/identifiers/uid.ts';
import { encodeFileMeta } from '../../../../../dicom-bridge/src/objects/fileMeta.ts';
import {
  DX_CLASS,
  EXPLICIT_LITTLE_ENDIAN,
  encodeElements,
} from '../../../../../dicom-bridge/test/support/dicomObject.ts';

const SIDE = 256;
const WHITE = 4095;
/** Shades of the quarters, from black to white: top left, top right, bottom left, bottom right. */
const SHADES = [0, WHITE / 3, (2 * WHITE) / 3, WHITE];

export interface Picture {
  photometricInterpretation: 'MONOCHROME1' | 'MONOCHROME2';
  studyInstanceUid: string;
  studyDate: string;
  instanceNumber?: string;
}

/** A DICOM file of four quarters, which look the same whatever its photometric interpretation is. 1 mm of the detector is 4 pixels. */
export function quarters(picture: Picture): Buffer {
  const { photometricInterpretation, studyInstanceUid, studyDate, instanceNumber = '1' } = picture;
  const object = { sopClassUid: DX_CLASS, sopInstanceUid: newUid() };
  const dataSet = encodeElements([
    [0x0008, 0x0016, 'UI', object.sopClassUid],
    [0x0008, 0x0018, 'UI', object.sopInstanceUid],
    [0x0008, 0x0020, 'DA', studyDate],
    [0x0008, 0x0060, 'CS', 'DX'],
    [0x0010, 0x0010, 'PN', 'Test^Ann'],
    [0x0010, 0x0020, 'LO', 'P1'],
    [0x0018, 0x1164, 'DS', '0.25\\0.25'],
    [0x0020, 0x000d, 'UI', studyInstanceUid],
    [0x0020, 0x000e, 'UI', `${studyInstanceUid}.1`],
    [0x0020, 0x0013, 'IS', instanceNumber],
    [0x0028, 0x0002, 'US', 1],
    [0x0028, 0x0004, 'CS', photometricInterpretation],
    [0x0028, 0x0010, 'US', SIDE],
    [0x0028, 0x0011, 'US', SIDE],
    [0x0028, 0x0100, 'US', 16],
    [0x0028, 0x0101, 'US', 12],
    [0x0028, 0x0102, 'US', 11],
    [0x0028, 0x0103, 'US', 0],
    [0x0028, 0x1050, 'DS', '2048'],
    [0x0028, 0x1051, 'DS', '4096'],
    [0x7fe0, 0x0010, 'OW', pixels(photometricInterpretation === 'MONOCHROME1')],
  ]);
  const meta = { ...object, transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN, sourceAeTitle: 'TEST' };
  return Buffer.concat([encodeFileMeta(meta), dataSet]);
}

function pixels(whiteIsZero: boolean): Buffer {
  const bytes = Buffer.alloc(SIDE * SIDE * 2);
  for (let y = 0; y < SIDE; y += 1)
    for (let x = 0; x < SIDE; x += 1) {
      const shade = SHADES[2 * Number(y >= SIDE / 2) + Number(x >= SIDE / 2)]!;
      bytes.writeUInt16LE(whiteIsZero ? WHITE - shade : shade, (y * SIDE + x) * 2);
    }
  return bytes;
}
