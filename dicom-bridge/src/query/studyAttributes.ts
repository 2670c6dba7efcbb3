import type {
  ImagingStudy,
  ImagingStudySeries,
  ImagingStudySeriesInstance,
  Patient,
} from '@medplum/fhirtypes';
import { patientAttributes } from '../fhir/patientAttributes.ts';
import type { DataSet } from '../objects/dataSet.ts';
import { accessionNumberOf, isPatientNumber, studyInstanceUidOf, uidOfUrn } from '../fhir/identifiers.ts';

/**
 * Who a patient is by the record as it is now, whatever the images say.
 *
 * @param issuer system of the numbers that who asks calls PatientID; undefined: any medical record number
 * @param askedId the number that was asked for: of several that a patient has, this one is answered
 */
export function patientKeys(
  patient: Patient,
  issuer: string | undefined,
  askedId: string | undefined,
): DataSet {
  const hasAsked =
    askedId !== undefined && patient.identifier?.some((one) => isPatientNumber(one, askedId, issuer));
  return { ...patientAttributes(patient, issuer), ...(hasAsked === true && { PatientID: askedId }) };
}

/** Attributes of a study at which a query may look (PS3.4 table C.6-5). */
export function studyKeys(study: ImagingStudy): DataSet {
  const { modality = [], started, description, referrer } = study;
  return {
    StudyInstanceUID: studyInstanceUidOf(study) ?? '',
    StudyID: '',
    StudyDate: dateOf(started),
    StudyTime: timeOf(started),
    AccessionNumber: accessionNumberOf(study) ?? '',
    StudyDescription: description ?? '',
    ReferringPhysicianName: referrer?.display ?? '',
    ModalitiesInStudy: modality.flatMap(({ code }) => code ?? []),
    NumberOfStudyRelatedSeries: study.numberOfSeries ?? study.series?.length ?? 0,
    NumberOfStudyRelatedInstances: study.numberOfInstances ?? '',
  };
}

/** Attributes of a series (PS3.4 table C.6-3). */
export function seriesKeys({ uid, number, ...series }: ImagingStudySeries): DataSet {
  return {
    SeriesInstanceUID: uid ?? '',
    SeriesNumber: number ?? '',
    Modality: series.modality.code ?? '',
    SeriesDescription: series.description ?? '',
    SeriesDate: dateOf(series.started),
    SeriesTime: timeOf(series.started),
    BodyPartExamined: series.bodySite?.display ?? '',
    Laterality: series.laterality?.display ?? '',
    NumberOfSeriesRelatedInstances: series.numberOfInstances ?? series.instance?.length ?? 0,
  };
}

/** Attributes of an object (PS3.4 table C.6-4). */
export const instanceKeys = ({ uid, sopClass, number }: ImagingStudySeriesInstance): DataSet => ({
  SOPInstanceUID: uid ?? '',
  SOPClassUID: uidOfUrn(sopClass.code) ?? '',
  InstanceNumber: number ?? '',
});

/** Dates and times are those of the place where the images were made, as the record has them. */
const dateOf = (dateTime = ''): string => dateTime.slice(0, 10).replaceAll('-', '');
const timeOf = (dateTime = ''): string => /T(\d{2}):(\d{2}):(\d{2})/.exec(dateTime)?.slice(1).join('') ?? '';
