import { findsInside, type InsideKeys } from './insideKeys.ts';
import type { IndexQuery, InsideQuery, Parameter } from './indexQuery.ts';
import type { QuantityTerm } from './queryRange.ts';
import type { Presence } from './querySlots.ts';
import type { Key } from './rows.ts';

/** The asking side of `InsideRows`: the same questions, with what their keys and params are there. */
export function insideQuery(index: IndexQuery, { shift, date }: InsideKeys): InsideQuery {
  const moved = (keys: readonly Key[]): Key[] => keys.map((key) => key ^ shift);
  const rows = <T extends { params: Key[] }>(found: T): T => ({ ...found, params: moved(found.params) });
  const movedTerm = (term: QuantityTerm): QuantityTerm => {
    const also = term.alsoKeys && { alsoKeys: moved(term.alsoKeys) };
    return { ...rows(term), ...also };
  };
  const movedPresence = ({ keys, strings, ranges, mainDate }: Presence): Presence => ({
    keys: moved(keys),
    strings: moved(strings),
    ranges: [...moved(ranges), ...(mainDate ? [date] : [])],
    mainDate: false,
  });
  return {
    plan: (type, parameter) => {
      const plan = index.plan(type, parameter);
      return plan && findsInside(plan.definition) ? plan : undefined;
    },
    tokenKeys: (...asked) => moved(index.tokenKeys(...asked)),
    ofTypeKeys: (...asked) => moved(index.ofTypeKeys(...asked)),
    referenceKeys: (...asked) => moved(index.referenceKeys(...asked)),
    identifierKeys: (...asked) => moved(index.identifierKeys(...asked)),
    uriKeys: (...asked) => moved(index.uriKeys(...asked)),
    stringPrefix: (...asked) => rows(index.stringPrefix(...asked)),
    uriPrefix: (...asked) => rows(index.uriPrefix(...asked)),
    stringExact: (...asked) => rows(index.stringExact(...asked)),
    presence: (...asked) => {
      const presence = index.presence(...asked);
      return presence === 'always' ? presence : movedPresence(presence);
    },
    isMainDate: () => false,
    rangeParams: (type: string, parameter: Parameter) =>
      index.isMainDate(type, parameter) ? [date] : moved(index.rangeParams(type, parameter)),
    quantityTerms: (...asked) => index.quantityTerms(...asked).map(movedTerm),
  };
}
