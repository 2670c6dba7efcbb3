import type { MedplumClient } from '@medplum/core';
import { DimseError } from '../dimse/services.ts';
import { hasWildcard } from '../find/wildcard.ts';
import type { Values } from '../objects/dataSet.ts';
import { textsOf } from '../objects/values.ts';
import { LEVELS, mismatch, UNIQUE_KEYS, type Level } from '../query/informationModels.ts';
import { findMatches } from '../query/matches.ts';
import { RETRIEVE_STATUS } from './retrieveStatus.ts';

/** An object that is to be sent. */
export interface RetrievedInstance {
  /** Of the study that lists it. */
  studyInstanceUid: string;
  sopClassUid: string;
  sopInstanceUid: string;
}

export interface RetrieveRequest {
  level: Level;
  query: Values;
  /** System of the numbers that who asks calls PatientID; undefined: any medical record number. */
  issuer: string | undefined;
  signal: AbortSignal;
}

/** Objects of one retrieval. */
export const INSTANCES_MAX = 20_000;

/**
 * The objects that a retrieval asks for, by the unique keys of its level and those above it (PS3.4 section C.4.2.2.1), as the record lists them: what
 * it does not show, nobody gets.
 *
 * @throws DimseError for a retrieval that does not say what of, or asks for too much; what requests of the client reject with
 */
export async function findInstances(
  medplum: MedplumClient,
  { level, query, issuer, signal }: RetrieveRequest,
): Promise<RetrievedInstance[]> {
  requireUnique(query, UNIQUE_KEYS[level]);
  const keys = new Set(LEVELS.slice(0, LEVELS.indexOf(level) + 1).map((one) => UNIQUE_KEYS[one]));
  const found: RetrievedInstance[] = [];
  const byKeys = Object.fromEntries(Object.entries(query).filter(([keyword]) => keys.has(keyword)));
  for await (const one of findMatches(medplum, { level: 'IMAGE', query: byKeys, keys, issuer, signal })) {
    const [studyInstanceUid, sopClassUid] = [String(one['StudyInstanceUID']), String(one['SOPClassUID'])];
    found.push({ studyInstanceUid, sopClassUid, sopInstanceUid: String(one['SOPInstanceUID']) });
    if (found.length > INSTANCES_MAX) {
      throw new DimseError(RETRIEVE_STATUS.cannotCount, `More than ${INSTANCES_MAX} objects: ask for less.`);
    }
  }
  return found;
}

function requireUnique(query: Values, keyword: string): void {
  const values = textsOf(query, keyword);
  if (values.length === 0 || values.some(hasWildcard))
    throw mismatch(`${keyword} must say what to retrieve.`);
}
