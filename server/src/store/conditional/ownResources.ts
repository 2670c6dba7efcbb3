import type { Resource } from '../../fhir/resource.ts';
import type { TypeSearch } from '../../fhir/search/ast.ts';
import type { IndexQuery } from '../index/query.ts';
import type { Indexer, Key } from '../index/rows.ts';
import { keyTerms } from '../search/conditions/keyTerms.ts';
import type { Candidate, MatchContext } from '../search/match/candidate.ts';
import { matcherOf } from '../search/match/matcher.ts';
import { unmatchable } from '../search/match/unmatchable.ts';
import { SqlParameters } from '../search/sqlParameters.ts';

interface Own {
  id: string;
  read: () => Resource;
}

/** Those of one type, indexed as far as they have been asked for. */
interface OfType {
  own: Own[];
  candidates: (Candidate & { id: string })[];
  /** Places in `candidates` of those with a key. */
  withKey: Map<Key, number[]>;
}

/** The resources that a transaction is about to write, which no statement finds yet. */
export class OwnResources {
  readonly #index: IndexQuery;
  readonly #indexer: Indexer;
  readonly #ofType = new Map<string, OfType>();

  constructor(index: IndexQuery, indexer: Indexer) {
    this.#index = index;
    this.#indexer = indexer;
  }

  /** @param read the resource, as far as its links are settled when it is first compared */
  add(type: string, id: string, read: () => Resource): void {
    const ofType = this.#ofType.get(type);
    if (ofType) ofType.own.push({ id, read });
    else this.#ofType.set(type, { own: [{ id, read }], candidates: [], withKey: new Map() });
  }

  /**
   * Ids of those that satisfy criteria. None where one resource by itself cannot tell: by chains, reverse chains, lists, text
   * search and time, only what is stored is found.
   *
   * @throws FhirError for criteria that ask for too much
   */
  matching({ type, conditions }: TypeSearch): string[] {
    const ofType = this.#ofType.get(type);
    if (!ofType || conditions.some((condition) => unmatchable(condition) !== undefined)) return [];
    this.#indexAll(ofType);
    const context = { type, index: this.#index, parameters: new SqlParameters(), nowMs: Date.now() };
    const matchers = conditions.map((condition) => matcherOf(context, condition));
    return likely(ofType, context, conditions)
      .filter((candidate) => matchers.every((matches) => matches(candidate)))
      .map(({ id }) => id);
  }

  #indexAll({ own, candidates, withKey }: OfType): void {
    for (const { id, read } of own.slice(candidates.length)) {
      const resource = read();
      const rows = this.#indexer.index({ ...resource, id } as Resource);
      const place = candidates.push({ id, isContained: false, resource, rows }) - 1;
      for (const key of rows.keys) {
        const places = withKey.get(key);
        if (places) places.push(place);
        else withKey.set(key, [place]);
      }
    }
  }
}

/** Those with one of the keys that a condition asks for, or all: comparing each with each would take too long. */
function likely(
  { candidates, withKey }: OfType,
  context: MatchContext,
  conditions: TypeSearch['conditions'],
): OfType['candidates'] {
  for (const condition of conditions) {
    const keys = keyTerms(context, condition);
    if (!keys) continue;
    const places = new Set(keys.flatMap((key) => withKey.get(key) ?? []));
    return [...places].map((place) => candidates[place]!);
  }
  return candidates;
}
