import type { BenchRequest, Likeness } from '../cases/case.ts';
import type { Place } from '../processes/target.ts';
import { getSearchset, type Searchset } from './ask.ts';

/** Requests that are put to both before a case is measured. */
const COMPARED = 24;
const SHOWN_CHARS = 200;

/** What two answers must have alike, as text. */
export const essence = ({ entry = [] }: Searchset, likeness: Likeness): string => {
  switch (likeness) {
    case 'ids':
      return entry
        .map(({ resource, search }) => `${search?.mode} ${resource.resourceType}/${resource.id}`)
        .sort()
        .join('\n');
    case 'dates':
      return entry.map(({ resource }) => resource.effectiveDateTime ?? 'undated').join('\n');
    case 'count': {
      const included = entry.filter(({ search }) => search?.mode === 'include').length;
      return `${entry.length - included} matches, ${included} included`;
    }
  }
};

/** Puts the first requests to server and floor; tells where they differ or do not answer, undefined if nowhere. */
export const difference = async (
  requests: readonly BenchRequest[],
  likeness: Likeness,
  server: Place,
  floor: Place,
): Promise<string | undefined> => {
  for (const { path } of requests.slice(0, COMPARED)) {
    const [ofServer, ofFloor] = await Promise.all(
      [server, floor].map((place) =>
        getSearchset(place, path).then(
          (searchset) => essence(searchset, likeness),
          (error: Error) => error.message,
        ),
      ),
    );
    if (ofServer !== ofFloor)
      return `${path}: the server answers ${shown(ofServer)}, the floor ${shown(ofFloor)}`;
  }
  return undefined;
};

const shown = (text = ''): string => `"${text.slice(0, SHOWN_CHARS).replaceAll('\n', ', ')}"`;
