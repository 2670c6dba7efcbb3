import { isId } from '../id.ts';
import type { Condition } from './ast.ts';
import type { SearchContext } from './contract.ts';
import { SearchFault, ValueFault, refused } from './faults.ts';
import { checkOwnModifier } from './modifiers.ts';
import { unescapeValue } from './split.ts';
import { parseDate } from './values/date.ts';
import { parseTextQuery } from './values/textQuery.ts';

/** What a common parameter needs of its values: all of them read in turn, or `:missing`'s boolean. */
export interface CommonValues {
  each<T>(read: (text: string) => T): T[];
  missing(): boolean;
}

type CommonReader = (
  context: SearchContext,
  type: string,
  modifier: string | undefined,
  values: CommonValues,
) => Condition;

/** Parameters of every type that are no search in an index (http://hl7.org/fhir/R4/search.html#all). */
export const COMMON: ReadonlyMap<string, CommonReader> = new Map<string, CommonReader>([
  ['_id', readId],
  ['_lastUpdated', readLastUpdated],
  ['_text', readText],
  ['_content', readContent],
  ['_list', readList],
]);

function readId(
  _context: SearchContext,
  type: string,
  modifier: string | undefined,
  values: CommonValues,
): Condition {
  checkOwnModifier(type, '_id', modifier, ['missing', 'not']);
  // Every stored resource has an id, and a time.
  if (modifier === 'missing') return { kind: 'constant', value: !values.missing() };
  const condition: Condition = { kind: 'id', ids: values.each(parseId) };
  return modifier === 'not' ? { kind: 'not', condition } : condition;
}

function parseId(text: string): string {
  const id = unescapeValue(text);
  if (!isId(id)) throw new ValueFault("is no id: ids are 1 to 64 letters, digits, '-' and '.'.");
  return id;
}

function readLastUpdated(
  _context: SearchContext,
  type: string,
  modifier: string | undefined,
  values: CommonValues,
): Condition {
  checkOwnModifier(type, '_lastUpdated', modifier, ['missing']);
  if (modifier === 'missing') return { kind: 'constant', value: !values.missing() };
  return { kind: 'last-updated', comparisons: values.each(parseDate) };
}

function readText(
  context: SearchContext,
  type: string,
  modifier: string | undefined,
  values: CommonValues,
): Condition {
  checkOwnModifier(type, '_text', modifier, []);
  if (context.definitions.searchParameter(type, '_text') === undefined) {
    throw new SearchFault(
      'unreachable',
      'not-supported',
      `${type} has no narrative, so there is no '_text' of it to search: use _content.`,
    );
  }
  return fullText('narrative', values);
}

function readContent(
  _context: SearchContext,
  type: string,
  modifier: string | undefined,
  values: CommonValues,
): Condition {
  checkOwnModifier(type, '_content', modifier, []);
  return fullText('content', values);
}

function fullText(where: 'narrative' | 'content', values: CommonValues): Condition {
  const conditions = values.each((text): Condition => ({
    kind: 'full-text',
    where,
    query: parseTextQuery(text),
  }));
  return conditions.length === 1 ? conditions[0]! : { kind: 'or', conditions };
}

function readList(
  _context: SearchContext,
  type: string,
  modifier: string | undefined,
  values: CommonValues,
): Condition {
  checkOwnModifier(type, '_list', modifier, []);
  return { kind: 'list', ids: values.each(parseListId) };
}

function parseListId(text: string): string {
  if (text.startsWith('$')) {
    throw refused(
      '_list does not know functional lists such as $current-problems here: give the ids of List resources.',
    );
  }
  const id = unescapeValue(text).replace(/^List\//, '');
  if (!isId(id)) throw new ValueFault('is no List: write the id of a List resource, or List/id.');
  return id;
}
