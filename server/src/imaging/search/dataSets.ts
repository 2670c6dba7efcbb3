import type { ImagingStudy, ImagingStudySeries, ImagingStudySeriesInstance } from '@medplum/fhirtypes';
import type { StudyOfPatient } from '../../records/imagingStudies.ts';
import { demographicsOf } from '../demographics.ts';
import { element, type DicomJson } from '../dicomJson.ts';
import { localTimeOf } from '../localTime.ts';
import { studyInstanceUidOf, uidOfUrn } from '../studies.ts';
import { tagOf } from './attributes.ts';

const ACCESSION = 'ACSN';
const ONLINE = 'ONLINE';
const UTF_8 = 'ISO_IR 192';

/** A study as QIDO-RS tells of it, without what only the surface knows: where it is fetched from. */
export function studyDataSet({ study, patient }: StudyOfPatient): DicomJson {
  const { date, time, zone } = localTimeOf(study.started);
  return {
    [tagOf('SpecificCharacterSet')]: element('CS', [UTF_8]),
    [tagOf('StudyDate')]: element('DA', [date]),
    [tagOf('StudyTime')]: element('TM', [time]),
    [tagOf('AccessionNumber')]: element('SH', [accessionNumberOf(study)]),
    [tagOf('InstanceAvailability')]: element('CS', [ONLINE]),
    [tagOf('ModalitiesInStudy')]: element('CS', modalitiesOf(study)),
    [tagOf('ReferringPhysicianName')]: element('PN', [personName(study.referrer?.display)]),
    ...(zone !== undefined && { [tagOf('TimezoneOffsetFromUTC')]: element('SH', [zone]) }),
    [tagOf('StudyDescription')]: element('LO', [study.description]),
    ...demographicsOf(patient),
    [tagOf('StudyInstanceUID')]: element('UI', [studyInstanceUidOf(study)]),
    [tagOf('StudyID')]: element('SH', []),
    [tagOf('NumberOfStudyRelatedSeries')]: element('IS', [study.numberOfSeries ?? study.series?.length]),
    [tagOf('NumberOfStudyRelatedInstances')]: element('IS', [study.numberOfInstances]),
  };
}

export function seriesDataSet(series: ImagingStudySeries): DicomJson {
  const { date, time } = localTimeOf(series.started);
  const { display, code } = series.bodySite ?? {};
  return {
    [tagOf('SeriesDate')]: element('DA', [date]),
    [tagOf('SeriesTime')]: element('TM', [time]),
    [tagOf('Modality')]: element('CS', [series.modality?.code]),
    [tagOf('SeriesDescription')]: element('LO', [series.description]),
    [tagOf('BodyPartExamined')]: element('CS', [display ?? code]),
    [tagOf('SeriesInstanceUID')]: element('UI', [series.uid]),
    [tagOf('SeriesNumber')]: element('IS', [series.number]),
    [tagOf('Laterality')]: element('CS', [series.laterality?.display ?? series.laterality?.code]),
    [tagOf('NumberOfSeriesRelatedInstances')]: element('IS', [series.numberOfInstances]),
  };
}

export const instanceDataSet = ({ uid, sopClass, number }: ImagingStudySeriesInstance): DicomJson => ({
  [tagOf('SOPClassUID')]: element('UI', [uidOfUrn(sopClass?.code)]),
  [tagOf('SOPInstanceUID')]: element('UI', [uid]),
  [tagOf('InstanceNumber')]: element('IS', [number]),
});

const accessionNumberOf = ({ identifier = [] }: ImagingStudy): string | undefined =>
  identifier.find(({ type }) => type?.coding?.some(({ code }) => code === ACCESSION))?.value;

function modalitiesOf({ series = [] }: ImagingStudy): string[] {
  const codes = series.map((one) => one.modality?.code);
  return [...new Set(codes.filter((code) => code !== undefined))].sort();
}

const personName = (display: string | undefined) =>
  display === undefined ? undefined : { Alphabetic: display.replaceAll(/[\\=\p{Cc}]/gu, ' ') };
