import type { BenchRequest } from '../cases/case.ts';
import type { SentStudy } from './images.ts';

/** A question of DICOMweb: the same to server and floor. */
export interface Question {
  name: string;
  title: string;
  /** Whether its answer depends on where objects are kept. */
  asksArchive: boolean;
  requestOf(study: SentStudy): BenchRequest;
}

const JSON_TYPE = 'application/dicom+json';
const STUDIES_OF_PAGE = 25;
const partsOf = (type: string): string => `multipart/related; type="${type}"`;

const seriesOf = ({ studyInstanceUid, seriesInstanceUid }: SentStudy): string =>
  `/studies/${studyInstanceUid}/series/${seriesInstanceUid}`;
const imageOf = (study: SentStudy): string => `${seriesOf(study)}/instances/${study.sopInstanceUids[0]}`;

/** What an answer must have is part of the data set, so that an empty one is no result. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'qido-patient',
    title: 'QIDO-RS: studies of a patient',
    asksArchive: false,
    requestOf: ({ patientId, studyInstanceUid }) => ({
      method: 'GET',
      path: `/studies?PatientID=${patientId}`,
      accept: JSON_TYPE,
      answer: studyInstanceUid,
    }),
  },
  {
    name: 'qido-page',
    title: `QIDO-RS: ${STUDIES_OF_PAGE} studies of a day`,
    asksArchive: false,
    requestOf: () => ({
      method: 'GET',
      path: `/studies?StudyDate=20261101&limit=${STUDIES_OF_PAGE}`,
      accept: JSON_TYPE,
      answer: '0020000D',
    }),
  },
  {
    name: 'wado-metadata',
    title: 'WADO-RS: metadata of a study',
    asksArchive: true,
    requestOf: (study) => ({
      method: 'GET',
      path: `/studies/${study.studyInstanceUid}/metadata`,
      accept: JSON_TYPE,
      answer: study.sopInstanceUids[1]!,
    }),
  },
  {
    name: 'wado-frame',
    title: 'WADO-RS: a frame of 512 KiB',
    asksArchive: true,
    requestOf: (study) => ({
      method: 'GET',
      path: `${imageOf(study)}/frames/1`,
      accept: partsOf('application/octet-stream'),
      answer: 'application/octet-stream',
    }),
  },
  {
    name: 'wado-instance',
    title: 'WADO-RS: an object of 512 KiB',
    asksArchive: true,
    requestOf: (study) => ({
      method: 'GET',
      path: imageOf(study),
      accept: partsOf('application/dicom'),
      answer: study.sopInstanceUids[0]!,
    }),
  },
  {
    name: 'wado-rendered',
    title: 'WADO-RS: a JPEG picture',
    asksArchive: true,
    requestOf: (study) => ({
      method: 'GET',
      path: `${imageOf(study)}/rendered`,
      accept: 'image/jpeg',
      answer: 'JFIF',
    }),
  },
];
