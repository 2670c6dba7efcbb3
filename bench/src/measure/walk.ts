import type { BenchRequest } from '../cases/case.ts';
import { FHIR_BASE } from '../processes/fhirBase.ts';
import type { Place } from '../processes/target.ts';
import { getSearchset } from './ask.ts';

/** Matches of a page on the way; a page's position holds whatever its size. */
const STRIDE = 1_000;
/** Pages that are kept as requests. */
const PAGES = 16;

const withCount = (path: string, count: number): string =>
  path.replace(/([?&]_count=)\d+/, (_, name: string) => `${name}${count}`);

/** Path below the FHIR base of the page after this one. */
const nextOf = async (place: Place, path: string): Promise<{ next: string; matches: number }> => {
  const { link = [], entry = [] } = await getSearchset(place, path);
  const url = link.find(({ relation }) => relation === 'next')?.url;
  if (url === undefined) throw new Error(`${path} has no next page`);
  return { next: url.slice(url.indexOf(FHIR_BASE) + FHIR_BASE.length), matches: entry.length };
};

/** Pages at least so many rows after the first, reached by next links alone. @param first a search with `_count` */
export const deepRequests = async (
  place: Place,
  first: BenchRequest,
  rows: number,
): Promise<BenchRequest[]> => {
  const count = Number(/[?&]_count=(\d+)/.exec(first.path)?.[1]);
  let at = withCount(first.path, STRIDE);
  for (let walked = 0; walked < rows;) {
    const { next, matches } = await nextOf(place, at);
    walked += matches;
    at = next;
  }
  const requests: BenchRequest[] = [];
  at = withCount(at, count);
  while (requests.length < PAGES) {
    requests.push({ ...first, path: at });
    at = (await nextOf(place, at)).next;
  }
  return requests;
};
