import { urnOfUid } from '@maxray/dicom-bridge/uid';
import { escapeValue } from '../../fhir/search/split.ts';
import { hasWildCard, type MatchingKey } from './matching.ts';

/** Name and value of a search parameter. */
export type Pair = readonly [string, string];

/** Parts of a name that are shorter are in too many to go by. */
const FRAGMENT_CHARS_MIN = 2;
const DAY_MS = 86_400_000;
/** As DICOM writes them (PS3.5 section 6.2, DA); `Date.UTC` takes years below 100 for those of the last century. */
const FIRST_DAY = '01000101';
const LAST_DAY = '99991231';

/**
 * The search of ImagingStudies that finds all which may match, and few others: what it finds is compared anew. What search parameters cannot say, such as wild cards in
 * numbers, is left to that.
 */
export function prefilter(keys: readonly MatchingKey[]): Pair[] {
  return keys.flatMap((key) => FILTERS[key.attribute.keyword]?.(key.values) ?? []);
}

const OF_PATIENT = 'patient.';

/** What a search of ImagingStudies says of their patients, as a search of Patients says it. */
export const ofPatients = (pairs: readonly Pair[]): Pair[] =>
  pairs.flatMap(([name, value]): Pair[] =>
    name.startsWith(OF_PATIENT) ? [[name.slice(OF_PATIENT.length), value]] : [],
  );

/** The same search, of the studies of these patients. */
export const insteadOfPatients = (pairs: readonly Pair[], ids: readonly string[]): Pair[] => [
  ...pairs.filter(([name]) => !name.startsWith(OF_PATIENT)),
  ['patient', ids.map((id) => `Patient/${id}`).join(',')],
];

type Filter = (values: readonly string[]) => Pair[];

/** As tokens are, where each of the values is known to its end. */
const whole =
  (parameter: string, write: (value: string) => string = escapeValue): Filter =>
  (values) =>
    values.some(hasWildCard) ? [] : [[parameter, values.map(write).join(',')]];

const FILTERS: Readonly<Record<string, Filter>> = {
  StudyInstanceUID: whole('identifier', (uid) => `urn:dicom:uid|${urnOfUid(uid)}`),
  SeriesInstanceUID: whole('series'),
  SOPInstanceUID: whole('instance'),
  SOPClassUID: whole('dicom-class', urnOfUid),
  AccessionNumber: whole('identifier'),
  ModalitiesInStudy: whole('modality'),
  Modality: whole('modality'),
  PatientID: whole('patient.identifier'),
  PatientName: ([name = '']) => {
    const [longest = ''] = name.split(/[\^=*?\s,'-]+/).sort((a, b) => b.length - a.length);
    return longest.length < FRAGMENT_CHARS_MIN ? [] : [['patient.name:contains', escapeValue(longest)]];
  },
  StudyDate: ([range = '']) => {
    const [from = '', to = from] = range.split('-') as [string, string?];
    const pairs: Pair[] = [];
    if (isBound(from)) pairs.push(['started', `ge${dayBeside(from, -1)}`]);
    if (isBound(to)) pairs.push(['started', `le${dayBeside(to, 1)}`]);
    return pairs;
  },
};

/** Who has no bound often says the first or the last day that his dates know: no study is beyond it, and no search takes the day behind it. */
const isBound = (day: string): boolean => day >= FIRST_DAY && day < LAST_DAY;

/** One day more, since the day of a study is that of the clock where it was. */
function dayBeside(day: string, days: number): string {
  const ms = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6)));
  return new Date(ms + days * DAY_MS).toISOString().slice(0, 10);
}
