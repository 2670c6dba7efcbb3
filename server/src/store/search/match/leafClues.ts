import type { Condition } from '../../../fhir/search/ast.ts';
import { foldString } from '../../index/fold.ts';
import type { IndexTerm, QuantityTerm } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';
import { dateTest, numberTest } from '../../index/spanTest.ts';
import { NO_UNIT } from '../../index/values/quantity.ts';
import { boundingBox } from '../conditions/near.ts';
import { quantityValue } from '../conditions/quantity.ts';
import { exactStrings, foldedStrings } from '../conditions/string.ts';
import { uriTests } from '../conditions/uri.ts';
import type { MatchContext } from './candidate.ts';
import {
  CLUE_RANK,
  cluesOfAny,
  keyClues,
  reachClues,
  spanClues,
  textClues,
  type Clues,
  type TextPlace,
} from './clue.ts';
import { tokenTextReader, uriReader } from './contentTexts.ts';

type Of<K extends Condition['kind']> = Extract<Condition, { kind: K }>;

const inRows = (params: readonly Key[]): TextPlace[] => params.map((param) => ({ param }));
const ofUnit = (params: readonly Key[], unit: Key | 'any') => params.map((param) => ({ param, unit }));

export function stringClues(context: MatchContext, condition: Of<'string'>): Clues[] {
  const { match } = condition;
  if (match === 'exact') {
    const { params, texts } = exactStrings(context, condition);
    return textClues(inRows(params), [{ match: 'equals', texts }]);
  }
  const { params, texts } = foldedStrings(context, condition);
  return textClues(inRows(params), [{ match, texts }]);
}

export function uriClues(context: MatchContext, condition: Of<'uri'>): Clues[] {
  const { params, tests } = uriTests(context, condition);
  const { parameter } = condition;
  const inContent = () => [{ name: `uri ${parameter.url}`, read: uriReader(context, parameter) }];
  return textClues(params ? inRows(params) : inContent(), tests);
}

export function tokenTextClues(
  context: MatchContext,
  { parameter, match, texts }: Of<'token-text'>,
): Clues[] {
  const read = tokenTextReader(context, parameter);
  const place = {
    name: `text ${parameter.url}`,
    read: (resource: unknown) => read(resource).map(foldString),
  };
  // As in the matcher: what folding leaves nothing of is not asked for.
  const wanted = texts.map(foldString).filter((text) => text !== '');
  return textClues([place], [{ match, texts: wanted }]);
}

export function dateClues({ index, type, nowMs }: MatchContext, condition: Of<'date' | 'number'>): Clues[] {
  const { parameter, comparisons } = condition;
  const tests = comparisons.map((comparison) => dateTest(comparison, nowMs));
  if (index.isMainDate(type, parameter)) return spanClues(['main-date'], tests);
  return spanClues(ofUnit(index.rangeParams(type, parameter), NO_UNIT), tests);
}

export function numberClues({ index, type }: MatchContext, condition: Of<'date' | 'number'>): Clues[] {
  const params = index.rangeParams(type, condition.parameter);
  return spanClues(ofUnit(params, NO_UNIT), condition.comparisons.map(numberTest));
}

export function quantityClues({ index, type }: MatchContext, condition: Of<'quantity'>): Clues[] {
  const terms = condition.quantities.flatMap((quantity) =>
    index.quantityTerms(type, condition.parameter, quantityValue(quantity)),
  );
  return cluesOfAny(terms.map(quantityTermClues));
}

/** By the latitude alone. */
export function nearClues({ index, type }: MatchContext, { parameter, places }: Of<'near'>): Clues[] {
  const { latitude } = index.positionParams(type, parameter);
  const boxes = places.map((place) => boundingBox(place).latitude);
  return reachClues(
    ofUnit(latitude, 'any'),
    boxes.map(([from, to]) => ({ from, to })),
  );
}

/** What a composite asks the index for. */
export function termClues(term: IndexTerm): Clues[] {
  switch (term.kind) {
    case 'all':
      return term.terms.flatMap(termClues);
    case 'any':
      return cluesOfAny(term.terms.map(termClues));
    case 'keys':
      return keyClues(term.keys, CLUE_RANK.code);
    case 'strings':
      return textClues(inRows(term.params), [{ match: 'starts-with', texts: [term.prefix] }]);
    case 'range':
      return quantityTermClues(term);
    case 'mainDate':
      return spanClues(['main-date'], [term.test]);
    case 'pair': {
      // Two numbers stand in a row as its ends: each is within what the row covers.
      const places = ofUnit(term.params, 'any');
      return [...spanClues(places, [term.first]), ...spanClues(places, [term.second])];
    }
  }
}

function quantityTermClues({ params, unit, test }: QuantityTerm): Clues[] {
  return spanClues(ofUnit(params, unit ?? 'any'), [test]);
}
