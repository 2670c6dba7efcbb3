import type { MedplumClient } from '@medplum/core';
import type { ImagingStudy } from '@medplum/fhirtypes';
import { compileQuery, type Matches } from '../find/matching.ts';
import type { DataSet, Values } from '../objects/dataSet.ts';
import { textOf } from '../objects/values.ts';
import type { Level } from './informationModels.ts';
import { searchStudies, type StudyOfPatient } from './searchStudies.ts';
import { instanceKeys, patientKeys, seriesKeys, studyKeys } from './studyAttributes.ts';

export interface MatchQuery {
  level: Level;
  query: Values;
  /** Keywords that are compared. */
  keys: ReadonlySet<string>;
  /** System of the numbers that who asks calls PatientID; undefined: any medical record number. */
  issuer: string | undefined;
  signal: AbortSignal;
}

/**
 * The entities of a level that a query asks for, each with the attributes of those above it; a patient once.
 *
 * @throws DimseError for a query that cannot be understood; as {@link searchStudies}
 */
export async function* findMatches(medplum: MedplumClient, asked: MatchQuery): AsyncGenerator<DataSet> {
  const { level, query, keys, issuer, signal } = asked;
  const isMatch = compileQuery(query, keys);
  const askedId = textOf(query, 'PatientID');
  const seen = new Set<string>();
  for await (const { study, patient } of searchStudies(medplum, query, issuer, signal)) {
    const ofPatient = patientKeys(patient, issuer, askedId);
    if (level !== 'PATIENT') yield* below(level, study, ofPatient, isMatch);
    else if (!seen.has(patient.id!) && isMatch(ofPatient)) {
      seen.add(patient.id!);
      yield ofPatient;
    }
  }
}

function* below(
  level: Exclude<Level, 'PATIENT'>,
  study: StudyOfPatient['study'],
  ofPatient: DataSet,
  isMatch: Matches,
): Generator<DataSet> {
  const ofStudy = { ...ofPatient, ...studyKeys(study) };
  const found = level === 'STUDY' ? [ofStudy] : entitiesOf(level, study, ofStudy);
  for (const one of found) if (isMatch(one)) yield one;
}

function* entitiesOf(
  level: 'SERIES' | 'IMAGE',
  { series = [] }: ImagingStudy,
  ofStudy: DataSet,
): Generator<DataSet> {
  for (const one of series) {
    const ofSeries = { ...ofStudy, ...seriesKeys(one) };
    if (level === 'SERIES') yield ofSeries;
    else for (const instance of one.instance ?? []) yield { ...ofSeries, ...instanceKeys(instance) };
  }
}
