import type { SearchParameterDefinition } from '../../definitions/types.ts';
import type { SortKey } from '../ast.ts';
import type { SearchContext } from '../contract.ts';
import { listed, quoted, tooCostly, unknown, unusable, wrong } from '../faults.ts';
import { SORT_KEYS_MAX } from '../limits.ts';
import { parameterOfEach } from '../onEachType.ts';
import type { SearchTypes } from '../scope.ts';

const OWN: ReadonlyMap<string, 'id' | 'last-updated' | 'score'> = new Map([
  ['_id', 'id'],
  ['_lastUpdated', 'last-updated'],
  ['_score', 'score'],
] as const);

/** A search whose results are sorted. */
interface Sorted {
  context: SearchContext;
  types: SearchTypes;
  /** There is a full-text search that gives a score. */
  ranked: boolean;
}

/**
 * `_sort=a,-b` (http://hl7.org/fhir/R4/search.html#sort) on each of the types that are searched.
 *
 * @throws SearchFault
 */
export function parseSort(sorted: Sorted, value: string): Map<string, SortKey[]> {
  const byType = new Map(sorted.types.types.map((type) => [type, keysOf(sorted, type, value)]));
  requireSameSort(byType);
  return byType;
}

function keysOf(sorted: Sorted, type: string, value: string): SortKey[] {
  const texts = value.split(',');
  if (texts.length > SORT_KEYS_MAX) throw tooCostly(`_sort has more than ${SORT_KEYS_MAX} keys.`);
  return texts.map((text) => {
    const descending = text.startsWith('-');
    const code = descending ? text.slice(1) : text;
    if (code === '')
      throw wrong(
        '_sort has an empty key: write parameter names separated by commas, with - before them for descending order.',
      );
    return { ...sortBy(sorted, type, code), descending };
  });
}

function sortBy(
  { context, types, ranked }: Sorted,
  type: string,
  code: string,
): Pick<SortKey, 'by' | 'parameter'> {
  if (code.includes(':'))
    throw unknown(`_sort takes no modifiers: leave out what follows the colon in ${quoted(code)}.`);
  const by = OWN.get(code);
  if (by === 'score' && !ranked) {
    throw unusable(
      '_sort=_score needs a full-text search to rank by: add _content or _text, or sort by something else.',
    );
  }
  if (by) return { by };
  const parameter = parameterOfEach(context, types, type, code);
  if (!context.support.sorts(type, parameter)) {
    throw unusable(
      `Results cannot be sorted by '${code}' (of type ${parameter.type}) of ${type}, but by ${listed(sortable(context, type))}.`,
    );
  }
  return { by: 'parameter', parameter };
}

function sortable(context: SearchContext, type: string): string[] {
  const parameters = context.definitions.searchParameters(type);
  const codes = parameters
    .filter((p) => !OWN.has(p.code) && context.support.sorts(type, p))
    .map((p) => p.code);
  return [...new Set([...codes, ...OWN.keys()])].sort();
}

/** @throws SearchFault unless the keys mean the same on all types, so that their values can be compared */
function requireSameSort(byType: ReadonlyMap<string, SortKey[]>): void {
  const [first, ...others] = [...byType];
  for (const [type, keys] of others) {
    keys.forEach(({ parameter }, i) => {
      const other: SearchParameterDefinition | undefined = first![1][i]!.parameter;
      if (parameter?.type === other?.type) return;
      throw wrong(
        `_sort: '${parameter!.code}' is of type ${parameter!.type} on ${type} but of type ${other!.type} on ${first![0]}, so results of both have no common order: search the types one by one.`,
      );
    });
  }
}
