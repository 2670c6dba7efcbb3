import type { Condition, TextQuery } from '../../../fhir/search/ast.ts';
import { contentJson } from '../content/contentJson.ts';
import type { ConditionContext } from './context.ts';

type FullTextCondition = Extract<Condition, { kind: 'full-text' }>;

/**
 * Longest text that is searched as a whole, in characters. PostgreSQL takes no more than 1 MB of words and positions for
 * one document, which texts can exceed several times over; of longer ones, the beginning counts.
 */
export const FULL_TEXT_CHARS_MAX = 100_000;

/** `_text` and `_content` (http://hl7.org/fhir/R4/search.html#content). Never NULL. */
export function fullTextCondition(context: ConditionContext, condition: FullTextCondition): string {
  return `coalesce(${searchVector(context, condition.where)} @@ ${searchQuery(context, condition)}, false)`;
}

/** How well a row matches, from 0 on: more is better. For rows that satisfy {@link fullTextCondition}. */
export function fullTextScore(context: ConditionContext, condition: FullTextCondition): string {
  return `coalesce(ts_rank(${searchVector(context, condition.where)}, ${searchQuery(context, condition)}), 0)`;
}

function searchQuery({ parameters }: ConditionContext, { query }: FullTextCondition): string {
  return tsquery(parameters, query);
}

/** A word may be several to PostgreSQL (`it's`): then they stand one behind the other, as those of a phrase. */
function tsquery(parameters: ConditionContext['parameters'], query: TextQuery): string {
  switch (query.kind) {
    case 'words':
      return `phraseto_tsquery('simple', ${parameters.add(query.text)})`;
    case 'not':
      return `(!! ${tsquery(parameters, query.part)})`;
    default:
      return `(${query.parts.map((part) => tsquery(parameters, part)).join(query.kind === 'and' ? ' && ' : ' || ')})`;
  }
}

/** The words of a row's narrative or content, with their positions; NULL where it has none. */
function searchVector({ alias }: ConditionContext, where: FullTextCondition['where']): string {
  return where === 'narrative' ? narrativeVector(alias) : contentVector(alias);
}

function narrativeVector(alias: string): string {
  const text = `regexp_replace(${contentJson(alias)} #>> '{text,div}', '<[^>]*>', ' ', 'g')`;
  return `to_tsvector('simple', left(${text}, ${FULL_TEXT_CHARS_MAX}))`;
}

function contentVector(alias: string): string {
  const json = contentJson(alias);
  return `CASE WHEN length(${alias}.content) <= ${FULL_TEXT_CHARS_MAX} THEN json_to_tsvector('simple', ${json}, '["string"]')
  ELSE to_tsvector('simple', left(${stringsOf(json)}, ${FULL_TEXT_CHARS_MAX})) END`;
}

/** All strings of a JSON value, one after the other. */
function stringsOf(json: string): string {
  return `(WITH RECURSIVE v(j, at) AS (SELECT ${json}, ARRAY[0] UNION ALL
  SELECT i.value, v.at || i.nr::integer FROM v, LATERAL (
    SELECT value, nr FROM json_each(CASE json_typeof(v.j) WHEN 'object' THEN v.j END) WITH ORDINALITY AS e(key, value, nr)
    UNION ALL SELECT value, nr FROM json_array_elements(CASE json_typeof(v.j) WHEN 'array' THEN v.j END) WITH ORDINALITY AS a(value, nr)) i)
  SELECT string_agg(left(v.j #>> '{}', ${WORDS_CHARS_MAX}), ' ' ORDER BY v.at) FROM v WHERE json_typeof(v.j) = 'string')`;
}

/** Of a single string of a long resource; what is longer is no text but data. */
const WORDS_CHARS_MAX = 20_000;
