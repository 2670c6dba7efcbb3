import type { ImagingStudySeries } from '@medplum/fhirtypes';
import { fhirError } from '../../fhir/outcome.ts';
import type { Caller } from '../../records/caller.ts';
import type { ImagingStudyRecords, StudyOfPatient } from '../../records/imagingStudies.ts';
import { element, ordered, type DicomJson } from '../dicomJson.ts';
import { isShown, studyInstanceUidOf } from '../studies.ts';
import { ATTRIBUTES, LEVELS, tagOf, type Level } from './attributes.ts';
import { instanceDataSet, seriesDataSet, studyDataSet } from './dataSets.ts';
import type { ImageQuery } from './imageQuery.ts';
import { matches, type MatchingKey } from './matching.ts';
import { newestFirst } from './newestFirst.ts';
import { insteadOfPatients, ofPatients, prefilter, type Pair } from './prefilter.ts';

/** Studies that one search looks at: search parameters find most of what is asked for, but not by wild cards in numbers. */
export const STUDIES_EXAMINED_MAX = 5_000;

export interface ImageResults {
  dataSets: DicomJson[];
  /** There are more behind them. */
  hasMore: boolean;
}

type StudySource = Pick<ImagingStudyRecords, 'page' | 'mergedInto'>;

export interface ImageSearchParts {
  records: StudySource;
  /** Absolute URL of the DICOMweb service. */
  service: string;
}

/**
 * Searches studies, series or instances (PS3.18 section 10.6) among the ImagingStudies that the caller may see. The newest studies come first.
 *
 * @throws FhirError `too-large` where too many studies would have to be looked at, and what a search of ImagingStudies is refused with
 */
export async function searchImages(
  { records, service }: ImageSearchParts,
  caller: Caller,
  query: ImageQuery,
): Promise<ImageResults> {
  const dataSets: DicomJson[] = [];
  let toSkip = query.offset;
  for await (const found of examined(records, caller, query.keys)) {
    for (const dataSet of resultsOf(found, query, service)) {
      if (toSkip-- > 0) continue;
      if (dataSets.length >= query.limit) return { dataSets, hasMore: true };
      dataSets.push(dataSet);
    }
  }
  return { dataSets, hasMore: false };
}

/** Those that may match; also those of records that were merged into the patients who are asked for. */
async function* examined(
  records: StudySource,
  caller: Caller,
  keys: readonly MatchingKey[],
): AsyncGenerator<StudyOfPatient> {
  const pairs = prefilter(keys);
  const budget = { left: STUDIES_EXAMINED_MAX };
  const merged = await records.mergedInto(caller, ofPatients(pairs));
  const found = pages(records, caller, pairs, budget);
  if (merged.length === 0) return yield* found;
  yield* newestFirst([found, pages(records, caller, insteadOfPatients(pairs, merged), budget)]);
}

async function* pages(
  records: StudySource,
  caller: Caller,
  pairs: readonly Pair[],
  budget: { left: number },
): AsyncGenerator<StudyOfPatient> {
  let next: string | undefined;
  do {
    const page = await records.page(caller, pairs, next);
    budget.left -= page.studies.length;
    if (budget.left < 0) throw tooMany();
    yield* page.studies.filter(({ study }) => isShown(study) && studyInstanceUidOf(study) !== undefined);
    next = page.next;
  } while (next !== undefined);
}

const tooMany = () =>
  fhirError(
    'too-large',
    'too-costly',
    `More than ${STUDIES_EXAMINED_MAX} studies would have to be looked at: give a StudyDate, a whole PatientID or AccessionNumber, or a smaller offset.`,
  );

/** Of one study. */
function* resultsOf(found: StudyOfPatient, query: ImageQuery, service: string): Generator<DicomJson> {
  const { study } = found;
  const studyUid = studyInstanceUidOf(study)!;
  const url = `${service}/studies/${studyUid}`;
  const keysOf = (level: Level) => query.keys.filter(({ attribute }) => attribute.level === level);
  const ofStudy = studyDataSet(found);
  if (!isMatch(keysOf('study'), ofStudy)) return;
  if (query.level === 'study') return yield told(query, [ofStudy], url);
  for (const series of (study.series ?? []).filter(({ uid }) => uid !== undefined)) {
    const ofSeries = seriesDataSet(series);
    if (!isMatch(keysOf('series'), ofSeries)) continue;
    const seriesUrl = `${url}/series/${series.uid}`;
    if (query.level === 'series') yield told(query, [ofStudy, ofSeries], seriesUrl);
    else yield* instancesOf(series, query, [ofStudy, ofSeries], { seriesUrl, keys: keysOf('instance') });
  }
}

function* instancesOf(
  { instance = [] }: ImagingStudySeries,
  query: ImageQuery,
  above: readonly DicomJson[],
  { seriesUrl, keys }: { seriesUrl: string; keys: readonly MatchingKey[] },
): Generator<DicomJson> {
  for (const one of instance) {
    const dataSet = instanceDataSet(one);
    if (isMatch(keys, dataSet)) yield told(query, [...above, dataSet], `${seriesUrl}/instances/${one.uid}`);
  }
}

const isMatch = (keys: readonly MatchingKey[], dataSet: DicomJson): boolean =>
  keys.every((key) => matches(key, dataSet));

const ALWAYS = ['SpecificCharacterSet', 'InstanceAvailability', 'StudyInstanceUID', 'SeriesInstanceUID'].map(
  tagOf,
);

/** What is told: of the levels that the URL leaves open all that is usual, of all levels what was asked for. */
function told(query: ImageQuery, dataSets: readonly DicomJson[], url: string): DicomJson {
  const { extras, path, level, keys } = query;
  const isOpen = { study: path.study === undefined, series: path.series === undefined, instance: true };
  const isUsual = (at: Level) => at === level || isOpen[at];
  const asked = new Set(keys.map(({ attribute }) => attribute.tag));
  const all: DicomJson = Object.assign({}, ...dataSets);
  const result: DicomJson = { [tagOf('RetrieveURL')]: element('UR', [url]) };
  for (const { tag, level: at, isExtra } of ATTRIBUTES) {
    if (all[tag] === undefined || LEVELS.indexOf(at) > LEVELS.indexOf(level)) continue;
    const isAsked = extras === 'all' || extras.has(tag) || asked.has(tag) || ALWAYS.includes(tag);
    if (isAsked || (isUsual(at) && !isExtra)) result[tag] = all[tag];
  }
  return ordered(result);
}
