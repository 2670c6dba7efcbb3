import type { Comparison, Condition } from '../../fhir/search/ast.ts';
import { escapeValue } from '../../fhir/search/split.ts';
import { MAIN_DATE } from '../../store/index/mainDate.ts';
import type { Reach } from '../access.ts';
import { readCriteria, type CriteriaContext } from '../criteria/criteria.ts';
import * as reaches from '../reach.ts';
import { allOf, anyOf, not, type Restriction } from './restriction.ts';

/** Types whose main date says when somebody was born, and not when what they hold is from: periods of data are not about them. */
const TIMELESS: ReadonlySet<string> = new Set(['Patient', 'Person', 'RelatedPerson']);

/** The same for resources of a type, some of which have no date that a period of data could be compared with. */
export function forType(type: string, restriction: Restriction): Restriction {
  if (typeof restriction === 'boolean') return restriction;
  switch (restriction.kind) {
    case 'and':
      return allOf(...restriction.parts.map((part) => forType(type, part)));
    case 'or':
      return anyOf(...restriction.parts.map((part) => forType(type, part)));
    case 'not':
      return not(forType(type, restriction.part));
    case 'overlapping':
      return TIMELESS.has(type) ? false : type in MAIN_DATE ? restriction : true;
    case 'within':
      return TIMELESS.has(type) || !(type in MAIN_DATE) ? false : restriction;
    default:
      return restriction;
  }
}

/** A restriction of {@link forType} as what a search asks. */
export function asCondition(context: CriteriaContext, type: string, restriction: Restriction): Reach {
  if (typeof restriction === 'boolean') return restriction;
  switch (restriction.kind) {
    case 'and':
      return reaches.allOf(restriction.parts.map((part) => asCondition(context, type, part)));
    case 'or':
      return reaches.anyOf(restriction.parts.map((part) => asCondition(context, type, part)));
    case 'not':
      return negated(asCondition(context, type, restriction.part));
    case 'within':
      return dated(context, type, restriction.span, ['eq']);
    case 'overlapping':
      // What neither begins after it nor ends before it: so also what has no date.
      return negated(dated(context, type, restriction.span, ['sa', 'eb']));
    case 'labelled': {
      const parameter = context.definitions.searchParameter(type, '_security')!;
      return { kind: 'token', parameter, tokens: [...restriction.labels] };
    }
    case 'profiled': {
      const value = restriction.profiles.map((one) => escapeValue(one)).join(',');
      return readCriteria(context, type, [{ name: '_profile', value, isFilled: true }]);
    }
    case 'named':
      return { kind: 'id', ids: [...restriction.ids] };
  }
}

function negated(reach: Reach): Reach {
  return typeof reach === 'boolean' ? !reach : { kind: 'not', condition: reach };
}

function dated(
  { definitions }: CriteriaContext,
  type: string,
  { loMs: lo, hiMs: hi }: { loMs: number; hiMs: number },
  prefixes: readonly Comparison['prefix'][],
): Condition {
  const parameter = definitions.searchParameter(type, MAIN_DATE[type]!)!;
  const comparisons = prefixes.map((prefix) => ({ prefix, lo, hi, exact: lo }));
  return { kind: 'date', parameter, comparisons };
}
