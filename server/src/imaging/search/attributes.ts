/** Of what an attribute tells; each also tells of what is below it. */
export type Level = 'study' | 'series' | 'instance';
export const LEVELS: readonly Level[] = ['study', 'series', 'instance'];

/** How a value that is asked for is compared (PS3.4 section C.2.2.2). */
export type Matching = 'uid' | 'code' | 'text' | 'name' | 'date' | 'time' | 'number';

export interface Attribute {
  /** Eight hexadecimal digits, in capitals. */
  tag: string;
  /** Of PS3.6. */
  keyword: string;
  vr: string;
  level: Level;
  /** Absent: it is told, and nobody can ask by it. */
  matching?: Matching;
  /** Told only where it is asked for (`includefield`). */
  isExtra?: true;
}

const attribute =
  (level: Level) =>
  (tag: string, keyword: string, vr: string, matching?: Matching, isExtra?: true): Attribute => ({
    tag,
    keyword,
    vr,
    level,
    ...(matching && { matching }),
    ...(isExtra && { isExtra }),
  });

const ofStudy = attribute('study');
const ofSeries = attribute('series');
const ofInstance = attribute('instance');

/** What QIDO-RS tells and takes (PS3.18 tables 10.6.1-5 and 10.6.3-3 to 10.6.3-5), as far as an ImagingStudy and a Patient have it. */
export const ATTRIBUTES: readonly Attribute[] = [
  ofStudy('00080005', 'SpecificCharacterSet', 'CS'),
  ofStudy('00080020', 'StudyDate', 'DA', 'date'),
  ofStudy('00080030', 'StudyTime', 'TM', 'time'),
  ofStudy('00080050', 'AccessionNumber', 'SH', 'text'),
  ofStudy('00080056', 'InstanceAvailability', 'CS'),
  ofStudy('00080061', 'ModalitiesInStudy', 'CS', 'code'),
  ofStudy('00080090', 'ReferringPhysicianName', 'PN', 'name'),
  ofStudy('00080201', 'TimezoneOffsetFromUTC', 'SH'),
  ofStudy('00081030', 'StudyDescription', 'LO', 'text'),
  ofStudy('00081190', 'RetrieveURL', 'UR'),
  ofStudy('00100010', 'PatientName', 'PN', 'name'),
  ofStudy('00100020', 'PatientID', 'LO', 'text'),
  ofStudy('00100021', 'IssuerOfPatientID', 'LO', 'text'),
  ofStudy('00100030', 'PatientBirthDate', 'DA', 'date'),
  ofStudy('00100040', 'PatientSex', 'CS', 'code'),
  ofStudy('0020000D', 'StudyInstanceUID', 'UI', 'uid'),
  ofStudy('00200010', 'StudyID', 'SH'),
  ofStudy('00201206', 'NumberOfStudyRelatedSeries', 'IS'),
  ofStudy('00201208', 'NumberOfStudyRelatedInstances', 'IS'),
  ofSeries('00080021', 'SeriesDate', 'DA', 'date', true),
  ofSeries('00080031', 'SeriesTime', 'TM', 'time', true),
  ofSeries('00080060', 'Modality', 'CS', 'code'),
  ofSeries('0008103E', 'SeriesDescription', 'LO', 'text'),
  ofSeries('00180015', 'BodyPartExamined', 'CS', 'code', true),
  ofSeries('0020000E', 'SeriesInstanceUID', 'UI', 'uid'),
  ofSeries('00200011', 'SeriesNumber', 'IS', 'number'),
  ofSeries('00200060', 'Laterality', 'CS', 'code', true),
  ofSeries('00201209', 'NumberOfSeriesRelatedInstances', 'IS'),
  ofInstance('00080016', 'SOPClassUID', 'UI', 'uid'),
  ofInstance('00080018', 'SOPInstanceUID', 'UI', 'uid'),
  ofInstance('00200013', 'InstanceNumber', 'IS', 'number'),
];

const BY_NAME = new Map(ATTRIBUTES.flatMap((one) => [[one.tag, one] as const, [one.keyword, one] as const]));

/** By tag or keyword. */
export const attributeNamed = (name: string): Attribute | undefined =>
  BY_NAME.get(/^[\da-f]{8}$/i.test(name) ? name.toUpperCase() : name);

/** The tag of a keyword of the table. */
export const tagOf = (keyword: string): string => BY_NAME.get(keyword)!.tag;
