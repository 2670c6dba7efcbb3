import type { CodeableConcept } from '@medplum/fhirtypes';
import { DIMSE_STATUS, DimseError } from '../dimse/services.ts';
import { conceptOf } from '../fhir/codeSequence.ts';
import type { LocalClock } from '../fhir/localTime.ts';
import { isUid } from '../identifiers/uid.ts';
import { personName, type ObjectAttributes } from '../objects/attributes.ts';
import type { Values } from '../objects/dataSet.ts';
import { itemsOf, textOf, textsOf } from '../objects/values.ts';
import { readDose, type Dose } from './dose.ts';

/** Performed Procedure Step Status (0040,0252). */
export const STEP_STATUSES = ['IN PROGRESS', 'COMPLETED', 'DISCONTINUED'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** What a modality tells of a step while it does it. It is kept as JSON. */
export interface StepProgress {
  status: StepStatus;
  /** A FHIR dateTime. */
  ended?: string;
  description?: string;
  code?: CodeableConcept;
  /** Why it was broken off. */
  discontinuation?: CodeableConcept;
  /** As Family^Given. */
  operators?: string[];
  /** SOP Instance UIDs of what it has made; absent: it does not say. */
  instances?: string[];
  dose: Dose;
}

/** A performed procedure step (PS3.4 annex F): what a modality does for an order, or without one. */
export interface PerformedStep extends StepProgress {
  sopInstanceUid: string;
  /** What it was to do; at least one. */
  scheduled: { studyInstanceUid: string; accessionNumber?: string }[];
  patient: Pick<ObjectAttributes, 'patientId' | 'patientName' | 'patientBirthDate' | 'patientSex'>;
  /** AE title of who tells. */
  sourceAeTitle: string;
  /** SHA-256 of the certificate that it has shown; absent without TLS. */
  sourceCertificate?: string;
  stationAeTitle: string;
  /** A FHIR dateTime. */
  started: string;
}

/** Who has begun a step: nobody else may go on with it. */
export type StepSource = Pick<PerformedStep, 'sourceAeTitle' | 'sourceCertificate'>;

/** Type 1 of N-CREATE (PS3.4 table F.7.2-1). */
const REQUIRED = [
  'PerformedProcedureStepID',
  'PerformedStationAETitle',
  'PerformedProcedureStepStartDate',
  'PerformedProcedureStepStartTime',
  'PerformedProcedureStepStatus',
  'Modality',
] as const;
/** Scheduled steps that one step is for: of each the record is asked whose it is. */
export const SCHEDULED_MAX = 64;
const IMAGE_SEQUENCES = ['ReferencedImageSequence', 'ReferencedNonImageCompositeSOPInstanceSequence'];

/**
 * Reads the data set of an N-CREATE.
 *
 * @throws DimseError for what is missing or cannot be
 */
export function readStep(
  sopInstanceUid: string,
  values: Values,
  { source, clock }: { source: StepSource; clock: LocalClock },
): PerformedStep {
  for (const keyword of REQUIRED) demand(values, keyword);
  const progress = readProgress(values, clock);
  if (progress.status !== 'IN PROGRESS') throw invalid('PerformedProcedureStepStatus is not IN PROGRESS.');
  const [date, time] = ['PerformedProcedureStepStartDate', 'PerformedProcedureStepStartTime'];
  const started = clock.instantOf(textOf(values, date), textOf(values, time));
  if (started === undefined) throw invalid(`${date} is no date.`);
  return {
    ...progress,
    sopInstanceUid,
    scheduled: readScheduled(values),
    patient: readPatient(values, clock),
    ...source,
    stationAeTitle: demand(values, 'PerformedStationAETitle'),
    started,
  };
}

/**
 * Reads what an N-SET changes: what it does not have stays.
 *
 * @throws DimseError for what cannot be
 */
export function readChange(values: Values, clock: LocalClock, before: PerformedStep): PerformedStep {
  const status = textOf(values, 'PerformedProcedureStepStatus') ?? before.status;
  const change = readProgress({ ...values, PerformedProcedureStepStatus: status }, clock);
  return { ...before, ...change, dose: { ...before.dose, ...change.dose } };
}

function readProgress(values: Values, clock: LocalClock): StepProgress {
  const ended = clock.instantOf(
    textOf(values, 'PerformedProcedureStepEndDate'),
    textOf(values, 'PerformedProcedureStepEndTime'),
  );
  const description =
    textOf(values, 'PerformedProcedureStepDescription') ??
    textOf(values, 'PerformedProcedureTypeDescription');
  const code =
    conceptIn(values, 'PerformedProtocolCodeSequence') ?? conceptIn(values, 'ProcedureCodeSequence');
  const discontinuation = conceptIn(values, 'PerformedProcedureStepDiscontinuationReasonCodeSequence');
  return {
    status: readStatus(values),
    ...(ended !== undefined && { ended }),
    ...(description !== undefined && { description }),
    ...(code && { code }),
    ...(discontinuation && { discontinuation }),
    ...readSeries(itemsOf(values, 'PerformedSeriesSequence')),
    dose: readDose(values),
  };
}

function readStatus(values: Values): StepStatus {
  const status = textOf(values, 'PerformedProcedureStepStatus');
  const known = STEP_STATUSES.find((one) => one === status);
  if (!known) throw invalid(`PerformedProcedureStepStatus is none of ${STEP_STATUSES.join(', ')}.`);
  return known;
}

function readSeries(series: readonly Values[]): Pick<StepProgress, 'operators' | 'instances'> {
  if (series.length === 0) return {};
  const operators = [...new Set(series.flatMap((one) => textsOf(one, 'OperatorsName')))];
  const instances = series
    .flatMap((one) => IMAGE_SEQUENCES.flatMap((keyword) => itemsOf(one, keyword)))
    .map((item) => textOf(item, 'ReferencedSOPInstanceUID') ?? '');
  if (!instances.every(isUid)) throw invalid('A ReferencedSOPInstanceUID is no UID.');
  return { ...(operators.length > 0 && { operators }), instances };
}

function readScheduled(values: Values): PerformedStep['scheduled'] {
  const items = itemsOf(values, 'ScheduledStepAttributesSequence');
  if (items.length === 0) throw missing('ScheduledStepAttributesSequence', values);
  if (items.length > SCHEDULED_MAX)
    throw new DimseError(
      DIMSE_STATUS.resourceLimitation,
      `ScheduledStepAttributesSequence has over ${SCHEDULED_MAX} items.`,
    );
  return items.map((item) => {
    const studyInstanceUid = demand(item, 'StudyInstanceUID');
    if (!isUid(studyInstanceUid)) throw invalid('StudyInstanceUID is no UID.');
    const accessionNumber = textOf(item, 'AccessionNumber');
    return { studyInstanceUid, ...(accessionNumber !== undefined && { accessionNumber }) };
  });
}

function readPatient(values: Values, clock: LocalClock): PerformedStep['patient'] {
  const patientId = textOf(values, 'PatientID');
  const patientName = personName(textOf(values, 'PatientName'));
  const patientBirthDate = clock.instantOf(textOf(values, 'PatientBirthDate'), undefined);
  const patientSex = textOf(values, 'PatientSex');
  return {
    ...(patientId !== undefined && { patientId }),
    ...(patientName && { patientName }),
    ...(patientBirthDate !== undefined && { patientBirthDate }),
    ...(patientSex !== undefined && { patientSex }),
  };
}

function conceptIn(values: Values, keyword: string): CodeableConcept | undefined {
  const [item] = itemsOf(values, keyword);
  return item && conceptOf(item);
}

function demand(values: Values, keyword: string): string {
  const value = textOf(values, keyword);
  if (value === undefined) throw missing(keyword, values);
  return value;
}

const missing = (keyword: string, values: Values): DimseError =>
  keyword in values
    ? new DimseError(DIMSE_STATUS.missingAttributeValue, `${keyword} is empty.`)
    : new DimseError(DIMSE_STATUS.missingAttribute, `${keyword} is missing.`);

const invalid = (text: string): DimseError => new DimseError(DIMSE_STATUS.invalidAttributeValue, text);
