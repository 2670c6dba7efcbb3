import type { StudyOfPatient } from '../../records/imagingStudies.ts';
import { demographicsOf } from '../demographics.ts';
import { element, ordered, type DicomJson, type DicomJsonElement } from '../dicomJson.ts';

const CHARACTER_SET = '00080005';
const UTF_8 = 'ISO_IR 192';
/** Group of all that is about the patient (PS3.6). */
const PATIENT_GROUP = '0010';
/** What values were before somebody corrected them: names among them. */
const ORIGINAL_ATTRIBUTES = '04000561';

/** Of that group, what does not say who it is, but how the patient was when the images were made. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set([
  '00101010', // age
  '00101020', // size
  '00101030', // weight
  '00102000', // medical alerts
  '00102110', // allergies
  '001021C0', // pregnancy status
  '00102203', // sex neutered
]);

/**
 * The data set of an object as it is told: the patient is who the record says that he is now, or where the caller may not see him, nobody; bulk values are at URLs of this
 * server.
 *
 * @param dataSet of the bridge, with relative `BulkDataURI`s
 * @param url of the instance, absolute
 */
export function overlaid(dataSet: DicomJson, found: StudyOfPatient, url: string): DicomJson {
  return ordered({
    ...elementsOf(dataSet, keptOf(found), url),
    [CHARACTER_SET]: element('CS', [UTF_8]),
    ...(isAboutPatient(found.study.subject.reference) && demographicsOf(found.patient)),
  });
}

/**
 * Whether the value at a path of tags and item numbers may be sent as it is: what metadata do not tell of the object cannot be had as bulk data (PS3.18 section 10.4.1.1.5)
 * either.
 *
 * @param path as in `BulkDataURI`: `00880200/0/7FE00010`
 */
export function isTold(path: string, found: StudyOfPatient): boolean {
  return path.split('/').every(keptOf(found));
}

/** Whether a reference is to a Patient: phantoms are devices, and have no demographics to hide. */
export const isAboutPatient = (reference = ''): boolean => /(?:^|\/)Patient\//.test(reference);

/** Of which tags the object itself tells the caller. */
function keptOf({ study, patient }: StudyOfPatient): (tag: string) => boolean {
  if (!isAboutPatient(study.subject.reference)) return () => true;
  return (tag) => isKept(tag, patient !== undefined);
}

const isKept = (tag: string, isSeen: boolean): boolean =>
  tag.startsWith(PATIENT_GROUP) ? isSeen && OF_THE_MOMENT.has(tag) : isSeen || tag !== ORIGINAL_ATTRIBUTES;

function elementsOf(dataSet: DicomJson, kept: (tag: string) => boolean, url: string): DicomJson {
  const entries = Object.entries(dataSet).filter(([tag]) => kept(tag));
  return Object.fromEntries(entries.map(([tag, one]) => [tag, elementOf(one, kept, url)]));
}

function elementOf(
  { BulkDataURI, ...one }: DicomJsonElement,
  kept: (tag: string) => boolean,
  url: string,
): DicomJsonElement {
  const bulk = BulkDataURI === undefined ? undefined : bulkUrl(BulkDataURI, url);
  const value =
    one.vr === 'SQ' && one.Value
      ? { ...one, Value: (one.Value as DicomJson[]).map((item) => elementsOf(item, kept, url)) }
      : one;
  return bulk === undefined ? value : { ...value, BulkDataURI: bulk };
}

/** By our own routes; what is at none of them has no URL. */
function bulkUrl(relative: string, url: string): string | undefined {
  if (relative === 'frames') return `${url}/frames`;
  return relative.startsWith('bulk/') ? `${url}/bulkdata/${relative.slice('bulk/'.length)}` : undefined;
}
