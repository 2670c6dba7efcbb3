import type {
  CodeableConcept,
  Coding,
  ImagingStudy,
  ImagingStudySeries,
  Reference,
} from '@medplum/fhirtypes';
import { isWrittenBack } from '../documents/writtenBack.ts';
import { urnOfUid } from '../identifiers/uid.ts';
import type { LedgerRow } from '../ledger/ledger.ts';
import type { Completeness } from '../ledger/studyLedger.ts';
import type { ObjectAttributes, PersonName } from '../objects/attributes.ts';
import { DCM_SYSTEM, UID_SYSTEM } from '../fhir/identifiers.ts';
import { recordable } from './recordable.ts';

/** What a study is linked to. */
export interface StudyLinks {
  /** A Patient, or by identifier alone where it is not known whose it is. */
  subject: Reference;
  basedOn?: Reference[];
  encounter?: Reference;
  referrer?: Reference;
  procedureCode?: CodeableConcept[];
  endpoint?: Reference[];
}

const PROFILE = 'https://maxray.example/fhir/StructureDefinition/maxray-imaging-study';
const ACCESSION_TYPE: Coding = { system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' };

const PERFORMER: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  code: 'PRF',
};

/** Whether further objects are expected, as a code of maxray-study-completeness. */
const COMPLETENESS = 'https://maxray.example/fhir/StructureDefinition/maxray-study-completeness';

type StudyObject = Pick<
  LedgerRow,
  'seriesInstanceUid' | 'sopInstanceUid' | 'sopClassUid' | 'attributes' | 'sourceAeTitle'
>;

export interface ImagingStudyContent {
  studyInstanceUid: string;
  objects: readonly StudyObject[];
  completeness: Completeness;
  /** The Device of a sender, as in `Device/123`, by its AE title. */
  deviceOf: (aeTitle: string) => string | undefined;
}

/**
 * The ImagingStudy of the objects that the archive has of a study. It follows from them alone, in whatever order they came: what is counted is
 * what is there.
 *
 * @param content with at least one object
 * @param version of an ImagingStudy that this one is to be: what others have written into it stays
 */
export function imagingStudyOf(
  { studyInstanceUid, objects: received, completeness, deviceOf }: ImagingStudyContent,
  links: StudyLinks,
  version: Partial<ImagingStudy> = {},
): ImagingStudy {
  const objects = received.map((one) => ({ ...one, attributes: recordable(one.attributes) }));
  const bySeries = Map.groupBy(objects, ({ seriesInstanceUid }) => seriesInstanceUid);
  const series = [...bySeries].map(([uid, ofSeries]) => seriesOf(uid, ofSeries, deviceOf)).sort(byNumber);
  const all = objects.map(({ attributes }) => attributes);
  const accession = first(all, 'accessionNumber');
  // Reports have these from the ImagingStudy itself, and times without their zone.
  const ofImages = objects.filter((one) => !isWrittenBack(one)).map(({ attributes }) => attributes);
  const started = first(ofImages, 'studyStarted');
  const description = first(ofImages, 'studyDescription');
  return {
    ...version,
    resourceType: 'ImagingStudy',
    meta: { ...version.meta, profile: [PROFILE] },
    extension: [
      ...(version.extension ?? []).filter(({ url }) => url !== COMPLETENESS),
      { url: COMPLETENESS, valueCode: completeness },
    ],
    identifier: [
      { system: UID_SYSTEM, value: urnOfUid(studyInstanceUid) },
      ...(accession === undefined ? [] : [{ type: { coding: [ACCESSION_TYPE] }, value: accession }]),
    ],
    status: version.status ?? 'available',
    modality: modalitiesOf(all),
    ...links,
    ...(started !== undefined && { started }),
    ...(description !== undefined && { description }),
    numberOfSeries: series.length,
    numberOfInstances: objects.length,
    series,
  } as ImagingStudy;
}

function seriesOf(
  uid: string,
  objects: readonly StudyObject[],
  deviceOf: ImagingStudyContent['deviceOf'],
): ImagingStudySeries {
  const all = objects.map(({ attributes }) => attributes);
  const number = first(all, 'seriesNumber');
  const description = first(all, 'seriesDescription');
  const started = first(all, 'seriesStarted');
  const bodyPart = first(all, 'bodyPart');
  const laterality = first(all, 'laterality');
  const performer = [
    ...operatorsOf(first(all, 'operatorName')),
    ...devicesOf(objects.map(({ sourceAeTitle }) => deviceOf(sourceAeTitle))),
  ];
  const instance = objects
    .map(({ sopInstanceUid, sopClassUid, attributes: { instanceNumber } }) => ({
      uid: sopInstanceUid,
      sopClass: { system: 'urn:ietf:rfc:3986', code: urnOfUid(sopClassUid) },
      ...(instanceNumber !== undefined && { number: instanceNumber }),
    }))
    .sort(byNumber);
  return {
    uid,
    ...(number !== undefined && { number }),
    modality: modalityOf(first(all, 'modality')),
    ...(description !== undefined && { description }),
    numberOfInstances: objects.length,
    ...(bodyPart !== undefined && { bodySite: { display: bodyPart } }),
    ...(laterality !== undefined && { laterality: { display: laterality } }),
    ...(started !== undefined && { started }),
    ...(performer.length > 0 && { performer }),
    instance,
  };
}

type Performer = NonNullable<ImagingStudySeries['performer']>[number];

/** Who stood at the console, as the images have the name: no more is known. */
function operatorsOf(name: PersonName | undefined): Performer[] {
  if (!name) return [];
  const display = [...name.given, name.family].filter((part) => part !== '').join(' ');
  return display === '' ? [] : [{ function: { coding: [PERFORMER] }, actor: { display } }];
}

/** What has sent them, each Device once. */
const devicesOf = (references: readonly (string | undefined)[]): Performer[] =>
  [...new Set(references)]
    .filter((reference) => reference !== undefined)
    .sort()
    .map((reference) => ({ actor: { reference } }));

/** Of each modality in the study one, in the order of their codes. */
function modalitiesOf(all: readonly ObjectAttributes[]): Coding[] {
  const codes = new Set(all.map(({ modality }) => modality ?? OTHER));
  return [...codes].sort().map(modalityOf);
}

/** DICOM's own code for what has no other (PS3.3 section C.7.3.1.1.1). */
const OTHER = 'OT';
const modalityOf = (code = OTHER): Coding => ({ system: DCM_SYSTEM, code });

/** The value of the first object that has one. */
function first<K extends keyof ObjectAttributes>(
  all: readonly ObjectAttributes[],
  name: K,
): ObjectAttributes[K] | undefined {
  return all.find((attributes) => attributes[name] !== undefined)?.[name];
}

/** Those without a number come last; where it is the same, the UID decides, so that the order never changes. */
function byNumber(a: { number?: number; uid?: string }, b: { number?: number; uid?: string }): number {
  return (a.number ?? Infinity) - (b.number ?? Infinity) || (a.uid! < b.uid! ? -1 : 1);
}
