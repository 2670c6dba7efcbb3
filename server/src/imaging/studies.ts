import { isUid, urnOfUid } from '@maxray/dicom-bridge/uid';
import type { ImagingStudy, ImagingStudySeries } from '@medplum/fhirtypes';
import { FhirError, errorIssue, fhirError } from '../fhir/outcome.ts';
import type { Caller } from '../records/caller.ts';
import type { ImagingStudyRecords, StudyOfPatient } from '../records/imagingStudies.ts';

const UID_SYSTEM = 'urn:dicom:uid';
const URN = 'urn:oid:';
/** What was never there, or should not have been. */
const NOT_SHOWN: ReadonlySet<ImagingStudy['status']> = new Set(['cancelled', 'entered-in-error']);

/** An image of a study. */
export interface ListedInstance {
  seriesInstanceUid: string;
  sopInstanceUid: string;
}

/** What is asked for: a study, one of its series, one of its instances. */
export interface StudyPath {
  study: string;
  series?: string;
  instance?: string;
}

/** The UID in `urn:oid:[uid]`; undefined where there is none. */
export function uidOfUrn(urn: string | undefined): string | undefined {
  const uid = urn?.startsWith(URN) === true ? urn.slice(URN.length) : undefined;
  return uid !== undefined && isUid(uid) ? uid : undefined;
}

export const studyInstanceUidOf = ({ identifier = [] }: ImagingStudy): string | undefined =>
  uidOfUrn(identifier.find(({ system }) => system === UID_SYSTEM)?.value);

/** Whether it is known whose the study is: one that is not linked to anybody waits for somebody to find out. */
export const isShown = ({ status, subject }: ImagingStudy): boolean =>
  !NOT_SHOWN.has(status) && subject?.reference !== undefined && !subject.reference.startsWith('#');

/**
 * The study that a caller asks for, with those of its instances that are asked for. Each request for images goes through here: who may not see the ImagingStudy that
 * lists an image may not see the image.
 */
export async function findStudy(
  records: Pick<ImagingStudyRecords, 'ofUid'>,
  caller: Caller,
  path: StudyPath,
): Promise<StudyOfPatient & { instances: ListedInstance[] }> {
  const { visible, hasOthers } = await records.ofUid(caller, urnOfUid(path.study));
  const [found, ...others] = visible;
  if (!found || hasOthers) throw notThere();
  if (others.length > 0) throw ambiguous();
  const instances = isShown(found.study) ? listed(found.study, path) : [];
  if (instances.length === 0) throw notThere();
  return { ...found, instances };
}

/** In the order in which they are listed. */
function listed({ series = [] }: ImagingStudy, path: StudyPath): ListedInstance[] {
  return series
    .filter(({ uid }) => path.series === undefined || uid === path.series)
    .flatMap(instancesOf)
    .filter(({ sopInstanceUid }) => path.instance === undefined || sopInstanceUid === path.instance);
}

const instancesOf = ({ uid, instance = [] }: ImagingStudySeries): ListedInstance[] =>
  instance
    .filter((one) => isUid(one.uid) && isUid(uid))
    .map((one) => ({ seriesInstanceUid: uid, sopInstanceUid: one.uid }));

/** The same whether there is none, or none that the caller may see. */
export const notThere = (): FhirError =>
  fhirError('not-found', 'not-found', 'There are no such images, or you may not see them.');

const ambiguous = (): FhirError =>
  new FhirError('conflict', [
    errorIssue(
      'multiple-matches',
      'Several ImagingStudies have this Study Instance UID, so it is not known whose the images are: delete those that are wrong.',
    ),
  ]);
