import type { IndexTerm } from '../../index/query.ts';
import { spanMatcher } from './spanMatcher.ts';
import type { Matcher } from './candidate.ts';
import { anyKey, anyRange, anyRangeRow, anyString, mainDate } from './rowTests.ts';
import { textMatcher } from './textMatches.ts';

/** Whether a resource's rows satisfy what the index is asked for a composite. */
export function termMatcher(term: IndexTerm): Matcher {
  switch (term.kind) {
    case 'all': {
      const parts = term.terms.map(termMatcher);
      return (candidate) => parts.every((part) => part(candidate));
    }
    case 'any': {
      const parts = term.terms.map(termMatcher);
      return (candidate) => parts.some((part) => part(candidate));
    }
    case 'keys':
      return anyKey(term.keys);
    case 'strings':
      return anyString(term.params, textMatcher('starts-with', [term.prefix]));
    case 'range': {
      const row = anyRange(term.params, term.unit ?? 'any', [term.test]);
      if (!term.alsoKeys) return row;
      const also = anyKey(term.alsoKeys);
      return (candidate) => also(candidate) && row(candidate);
    }
    case 'mainDate':
      return mainDate([term.test]);
    case 'pair': {
      const [first, second] = [spanMatcher(term.first), spanMatcher(term.second)];
      return anyRangeRow(term.params, ({ lo, hi }) => first(lo, lo) && second(hi, hi));
    }
  }
}
