import type { Condition, SearchQuery, TypeSearch } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';

/**
 * A search with what its composites imply: a resource with this code and such a value has this code. By it, plans find their
 * way; nothing is found by it that was not found before.
 */
export function withImpliedConditions<Q extends Pick<SearchQuery, 'searches'>>(
  index: IndexQuery,
  query: Q,
): Q {
  const searches = query.searches.map((search) => withImplied(index, search));
  return searches.every((search, i) => search === query.searches[i]) ? query : { ...query, searches };
}

function withImplied(index: IndexQuery, search: TypeSearch): TypeSearch {
  const implied = search.conditions.flatMap((condition) => impliedBy(index, search.type, condition));
  return implied.length === 0 ? search : { ...search, conditions: [...search.conditions, ...implied] };
}

function impliedBy(index: IndexQuery, type: string, condition: Condition): Condition[] {
  if (condition.kind !== 'composite') return [];
  const [parts, ...others] = condition.values;
  if (!parts || others.length > 0) return [];
  return index.tokenParts(type, condition.parameter).flatMap(({ parameter, at }): Condition[] => {
    const part = parts[at];
    return part?.kind === 'token' ? [{ kind: 'token', parameter, tokens: [part.token] }] : [];
  });
}
