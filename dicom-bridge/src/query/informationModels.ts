import { DIMSE_STATUS, DimseError } from '../dimse/services.ts';
import type { Values } from '../objects/dataSet.ts';
import { textOf, textsOf } from '../objects/values.ts';

/** Query/Retrieve information models (PS3.4 annex C.6), each by the SOP classes of its operations. */
export const PATIENT_ROOT = {
  find: '1.2.840.10008.5.1.4.1.2.1.1',
  move: '1.2.840.10008.5.1.4.1.2.1.2',
  get: '1.2.840.10008.5.1.4.1.2.1.3',
} as const;
export const STUDY_ROOT = {
  find: '1.2.840.10008.5.1.4.1.2.2.1',
  move: '1.2.840.10008.5.1.4.1.2.2.2',
  get: '1.2.840.10008.5.1.4.1.2.2.3',
} as const;

/** Values of QueryRetrieveLevel (0008,0052), from the top. */
export const LEVELS = ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'] as const;
export type Level = (typeof LEVELS)[number];

/** What identifies an entity of each level. */
export const UNIQUE_KEYS: Readonly<Record<Level, string>> = {
  PATIENT: 'PatientID',
  STUDY: 'StudyInstanceUID',
  SERIES: 'SeriesInstanceUID',
  IMAGE: 'SOPInstanceUID',
};

/**
 * The level that a query or retrieval is about.
 *
 * @throws DimseError where there is none, where the model does not have it, and where a query below studies names no study
 */
export function levelOf(sopClassUid: string, query: Values): Level {
  const text = textOf(query, 'QueryRetrieveLevel');
  const level = LEVELS.find((one) => one === text);
  const isPatientRoot = (Object.values(PATIENT_ROOT) as string[]).includes(sopClassUid);
  if (level === undefined || (level === 'PATIENT' && !isPatientRoot)) {
    throw mismatch('QueryRetrieveLevel is none of the information model.');
  }
  const isBelowStudies = level === 'SERIES' || level === 'IMAGE';
  if (isBelowStudies && textsOf(query, UNIQUE_KEYS.STUDY).length === 0) {
    throw mismatch('Below the level of studies, StudyInstanceUID is needed.');
  }
  return level;
}

export const mismatch = (why: string): DimseError => new DimseError(DIMSE_STATUS.identifierMismatch, why);
