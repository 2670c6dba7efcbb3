import type { MedplumClient } from '@medplum/core';
import type { ImagingStudy, Patient, Resource } from '@medplum/fhirtypes';
import { DIMSE_STATUS, DimseError } from '../dimse/services.ts';
import { escaped } from '../fhir/searchValue.ts';
import { hasWildcard } from '../find/wildcard.ts';
import { isUid, urnOfUid } from '../identifiers/uid.ts';
import type { Values } from '../objects/dataSet.ts';
import { textOf, textsOf } from '../objects/values.ts';
import { UID_SYSTEM } from '../fhir/identifiers.ts';
import { patientInUse } from '../fhir/mergedPatients.ts';
import { insteadOfPatients, mergedInto } from './mergedRecords.ts';

/** A study and whose it is. */
export interface StudyOfPatient {
  study: ImagingStudy;
  /** Who it is now: where his record was merged into another, that one. */
  patient: Patient;
}

/** Studies are looked through for one query at most; PatientName=`*an*` would look through all. */
export const STUDIES_MAX = 10_000;
/** UIDs in one query. */
const UIDS_MAX = 500;
const STUDIES_PER_PAGE = '50';
/** Those of which there are images; others were called off, or are mistakes. */
const SHOWN = 'available,registered,unknown';
const DAY_MS = 86_400_000;

/**
 * Studies among which are all that a query asks for, with their patients: the search narrows, who asks compares. Studies of which it is not known
 * whose they are are left out. Those of a record that was merged into the patient's are the patient's.
 *
 * @param issuer system of the numbers that who asks calls PatientID; undefined: any
 * @throws DimseError for more studies than are looked through; what a request of the client rejects with
 */
export async function* searchStudies(
  medplum: MedplumClient,
  query: Values,
  issuer: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<StudyOfPatient> {
  const search = searchOf(query, issuer);
  const seen = new Set<string>();
  const merged = await mergedInto(medplum, search, signal);
  for (const one of merged.length === 0 ? [search] : [search, insteadOfPatients(search, merged)]) {
    for await (const found of pages(medplum, one, signal)) {
      if (seen.has(found.study.id!)) continue;
      seen.add(found.study.id!);
      yield found;
    }
  }
}

async function* pages(
  medplum: MedplumClient,
  search: URLSearchParams,
  signal: AbortSignal,
): AsyncGenerator<StudyOfPatient> {
  let count = 0;
  for await (const page of medplum.searchResourcePages('ImagingStudy', search, { cache: 'reload' })) {
    if (signal.aborted) return;
    const resources: readonly Resource[] = page;
    const patients = new Map(
      resources.flatMap((one) => (one.resourceType === 'Patient' ? [[one.id!, one]] : [])),
    );
    for (const study of page) {
      if (study.resourceType !== 'ImagingStudy') continue;
      count += 1;
      if (count > STUDIES_MAX) throw tooMany();
      const [type, id = ''] = study.subject.reference?.split('/') ?? [];
      const patient = type === 'Patient' ? patients.get(id) : undefined;
      if (patient) yield { study, patient: patientInUse(patient, patients) };
    }
  }
}

/** As a search has it; what it cannot say is left to the comparison. */
export function searchOf(query: Values, issuer: string | undefined): URLSearchParams {
  const search = new URLSearchParams({
    status: SHOWN,
    _include: 'ImagingStudy:patient',
    '_include:iterate': 'Patient:link:Patient',
    _count: STUDIES_PER_PAGE,
    _total: 'none',
  });
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) search.append(name, value);
  };
  add('identifier', uidsOf(query));
  add('identifier', exact(query, 'AccessionNumber'));
  const patientId = exact(query, 'PatientID');
  add(
    'patient:Patient.identifier',
    patientId && (issuer === undefined ? patientId : `${escaped(issuer)}|${patientId}`),
  );
  add('patient:Patient.name', beginning(textOf(query, 'PatientName')));
  for (const one of datesOf(textOf(query, 'PatientBirthDate'), 0))
    search.append('patient:Patient.birthdate', one);
  // A day in one zone is partly another in the next.
  for (const one of datesOf(textOf(query, 'StudyDate'), DAY_MS)) search.append('started', one);
  return search;
}

function uidsOf(query: Values): string | undefined {
  const uids = textsOf(query, 'StudyInstanceUID').filter((uid) => uid !== '*');
  if (uids.length === 0) return undefined;
  if (uids.length > UIDS_MAX || !uids.every(isUid)) {
    throw new DimseError(
      DIMSE_STATUS.identifierMismatch,
      `StudyInstanceUID has no UIDs, or more than ${UIDS_MAX}.`,
    );
  }
  return uids.map((uid) => `${UID_SYSTEM}|${urnOfUid(uid)}`).join(',');
}

function exact(query: Values, keyword: string): string | undefined {
  const text = textOf(query, keyword);
  return text === undefined || hasWildcard(text) ? undefined : escaped(text);
}

/** A search for a name finds what begins so: of `Mil*^Ann`, `Mil`. */
function beginning(name: string | undefined): string | undefined {
  const text = /^[^*?^=]*/.exec(name ?? '')?.[0].trim();
  return text === undefined || text === '' ? undefined : escaped(text);
}

const DATE = /^(\d{4})\.?(\d{2})\.?(\d{2})$/;

/** `20260101-20261231` as two conditions of a search, wider by so much at each end. */
function datesOf(range: string | undefined, wider: number): string[] {
  if (range === undefined) return [];
  const [from = '', to = from] = range.split('-');
  const conditions = [moved('ge', from, -wider), moved('le', to, wider)];
  return conditions.filter((one) => one !== undefined);
}

function moved(prefix: string, day: string, byMs: number): string | undefined {
  const found = DATE.exec(day.trim());
  const atMs = found ? Date.parse(`${found[1]}-${found[2]}-${found[3]}T00:00:00Z`) : NaN;
  return Number.isNaN(atMs) ? undefined : `${prefix}${new Date(atMs + byMs).toISOString().slice(0, 10)}`;
}

const tooMany = (): DimseError =>
  new DimseError(
    DIMSE_STATUS.outOfResources,
    `More than ${STUDIES_MAX} studies to look through: ask for less.`,
  );
