import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { newUid } from '../../../src/identifiers/uid.ts';
import { xray } from '../../support/dicomObject.ts';

const STUDY_OBJECTS = 10;
/** Every so many is half a megabyte, so that it is on its way when something ends; the others are small. */
const LARGE_EVERY = 8;

/** An object to send. */
export interface ShelfObject {
  sopInstanceUid: string;
  studyInstanceUid: string;
  /** Of the data set, hexadecimal. */
  sha256: string;
  file: string;
  /** Answers of Success that it has got. */
  acknowledged: number;
}

/** A study to send. */
export interface ShelfStudy {
  studyInstanceUid: string;
  patientId: string;
  /** Whether somebody has its patient number. */
  isKnown: boolean;
}

export interface Shelf {
  studies: ShelfStudy[];
  /** What follows one another is of different studies. */
  objects: ShelfObject[];
}

/** Makes objects in files of a folder. */
export function makeShelf(folder: string, count: number): Shelf {
  const studies = Array.from({ length: Math.ceil(count / STUDY_OBJECTS) }, (_, i) => ({
    ...{ studyInstanceUid: newUid(), series: [newUid(), newUid()], patientId: `F${i}`, isKnown: i % 2 === 0 },
  }));
  const objects = Array.from({ length: count }, (_, i) => {
    const { studyInstanceUid, series, patientId } = studies[i % studies.length]!;
    const size = i % LARGE_EVERY === 0 ? { rows: 512, columns: 512 } : {};
    const seriesInstanceUid = series[i % series.length]!;
    const { object, dataSet, file } = xray({
      ...{ studyInstanceUid, seriesInstanceUid, patientId, fill: i % 256, ...size },
    });
    const name = path.join(folder, `${i}.dcm`);
    writeFileSync(name, file);
    const sha256 = createHash('sha256').update(dataSet).digest('hex');
    return {
      ...{ sopInstanceUid: object.sopInstanceUid, studyInstanceUid, sha256, file: name, acknowledged: 0 },
    };
  });
  return { studies, objects };
}
