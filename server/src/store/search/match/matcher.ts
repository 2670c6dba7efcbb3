import type { Condition } from '../../../fhir/search/ast.ts';
import { foldString } from '../../index/fold.ts';
import { dateTest, numberTest } from '../../index/spanTest.ts';
import { compositeTerms } from '../conditions/composite.ts';
import { requireFewAlternatives } from '../conditions/expressions.ts';
import { compartmentKeys, keyTerms } from '../conditions/keyTerms.ts';
import { presenceOf } from '../conditions/missing.ts';
import { quantityValue } from '../conditions/quantity.ts';
import { exactStrings, foldedStrings } from '../conditions/string.ts';
import { uriTests } from '../conditions/uri.ts';
import type { Candidate, MatchContext, Matcher } from './candidate.ts';
import { termMatcher } from './composite.ts';
import { tokenTextReader, uriReader } from './contentTexts.ts';
import { nearMatcher } from './near.ts';
import { ofPatientsMatcher } from './ofPatients.ts';
import { anyKey, anyRange, anyString, mainDate } from './rowTests.ts';
import { textMatcher } from './textMatches.ts';

type Of<K extends Condition['kind']> = Extract<Condition, { kind: K }>;

/**
 * What a condition means for a resource of the context's type, decided in memory on its index rows (and, where SQL reads the
 * content, on that): as `conditionSql` does for a stored one.
 *
 * @param condition one that {@link unmatchable} does not object to
 * @throws FhirError `incorrect` for a search that asks for too much
 */
export function matcherOf(context: MatchContext, condition: Condition): Matcher {
  const keys = keyTerms(context, condition);
  if (keys) return anyKey(keys);
  switch (condition.kind) {
    case 'and': {
      const parts = condition.conditions.map((part) => matcherOf(context, part));
      return (candidate) => parts.every((part) => part(candidate));
    }
    case 'or': {
      const parts = condition.conditions.map((part) => matcherOf(context, part));
      return (candidate) => parts.some((part) => part(candidate));
    }
    case 'not': {
      const inner = matcherOf(context, condition.condition);
      return (candidate) => !inner(candidate);
    }
    case 'constant':
      return () => condition.value;
    default:
      return leafMatcher(context, condition);
  }
}

function leafMatcher(context: MatchContext, condition: Condition): Matcher {
  const { index, type, nowMs } = context;
  switch (condition.kind) {
    case 'id': {
      const ids = new Set<unknown>(condition.ids);
      return ({ id }) => ids.has(id);
    }
    case 'missing':
      return missingMatcher(context, condition);
    case 'token-text':
      return tokenTextMatcher(context, condition);
    case 'string':
      return stringMatcher(context, condition);
    case 'uri':
      return uriMatcher(context, condition);
    case 'date': {
      const tests = condition.comparisons.map((comparison) => dateTest(comparison, nowMs));
      if (index.isMainDate(type, condition.parameter)) return mainDate(tests);
      return anyRange(index.rangeParams(type, condition.parameter), undefined, tests);
    }
    case 'number': {
      const params = index.rangeParams(type, condition.parameter);
      return anyRange(params, undefined, condition.comparisons.map(numberTest));
    }
    case 'quantity':
      return quantityMatcher(context, condition);
    case 'composite': {
      requireFewAlternatives(condition.values.length);
      return termMatcher({ kind: 'any', terms: compositeTerms(context, condition) });
    }
    case 'near':
      return nearMatcher(context, condition);
    case 'compartment':
      return compartmentMatcher(context, condition);
    case 'of-patients':
      return ofPatientsMatcher(context, condition);
    default:
      throw new Error(`a ${condition.kind} condition cannot be decided in memory`);
  }
}

function missingMatcher(context: MatchContext, { parameter, missing }: Of<'missing'>): Matcher {
  const presence = presenceOf(context, parameter);
  if (presence === 'always') return () => !missing;
  const byKey = anyKey(presence.keys);
  const strings = new Set(presence.strings);
  const ranges = new Set(presence.ranges);
  const isPresent: Matcher = (candidate) => {
    const { rows } = candidate;
    if ((presence.mainDate && rows.dateLoMs !== null) || byKey(candidate)) return true;
    return (
      rows.strings.some(({ param }) => strings.has(param)) ||
      rows.ranges.some(({ param }) => ranges.has(param))
    );
  };
  return (candidate) => isPresent(candidate) !== missing;
}

function tokenTextMatcher(context: MatchContext, { parameter, match, texts }: Of<'token-text'>): Matcher {
  // Where folding leaves nothing, nothing is asked for: every text would begin with it.
  const wanted = texts.map(foldString).filter((text) => text !== '');
  const matches = textMatcher(match, wanted);
  const read = tokenTextReader(context, parameter);
  return ({ resource }) => read(resource).some((text) => matches(foldString(text)));
}

function stringMatcher(context: MatchContext, condition: Of<'string'>): Matcher {
  if (condition.match === 'exact') {
    const { params, texts, exact } = exactStrings(context, condition);
    return anyString(params, textMatcher('equals', texts), exact);
  }
  const { params, texts } = foldedStrings(context, condition);
  return anyString(params, textMatcher(condition.match, texts));
}

function uriMatcher(context: MatchContext, condition: Of<'uri'>): Matcher {
  const { params, tests } = uriTests(context, condition);
  const matchers = tests.map(({ match, texts }) => textMatcher(match, texts));
  const matches = (uri: string) => matchers.some((test) => test(uri));
  if (params) return anyString(params, matches);
  const read = uriReader(context, condition.parameter);
  return ({ resource }) => read(resource).some(matches);
}

function quantityMatcher({ index, type }: MatchContext, { parameter, quantities }: Of<'quantity'>): Matcher {
  const terms = quantities.flatMap((quantity) =>
    index.quantityTerms(type, parameter, quantityValue(quantity)),
  );
  requireFewAlternatives(terms.length);
  return termMatcher({ kind: 'any', terms: terms.map((term) => ({ kind: 'range', ...term })) });
}

/** A contained resource is never what a compartment is named for, whatever its id. */
function compartmentMatcher(context: MatchContext, condition: Of<'compartment'>): Matcher {
  const refers = anyKey(compartmentKeys(context, condition));
  const isCentre = ({ id, isContained }: Candidate) =>
    condition.self && context.type === condition.type && !isContained && id === condition.id;
  return (candidate) => refers(candidate) || isCentre(candidate);
}
