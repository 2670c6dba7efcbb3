import type { ConditionContext } from '../conditions/context.ts';
import type { Walked } from './walk.ts';

/** A subquery that finds nothing. */
export const NO_VALUES = 'SELECT NULL::text COLLATE "C" AS value WHERE false';

/** Whether an element is a text that is not empty (as the index's `asText`). */
export function isText(element: string): string {
  return `json_typeof(${element}) = 'string' AND (${element})::text <> '""'`;
}

/**
 * The texts that a walk finds, as a subquery of the column `value`.
 *
 * @param change what to do with the SQL of the text
 */
export function selectTexts(walked: Walked, change: (text: string) => string = (text) => text): string {
  return selectValues({ ...walked, where: [...walked.where, isText(walked.element)] }, change);
}

/** As {@link selectTexts}, of elements of any type. */
export function selectValues(walked: Walked, change: (text: string) => string = (text) => text): string {
  const { from, where, element } = walked;
  const value = change(`(${element} #>> '{}')`);
  return `SELECT ${value} COLLATE "C" AS value FROM ${from} WHERE ${where.join(' AND ')}`;
}

/** SQL of a reference without this server's own base, so that it is the same as a relative one. */
export function withoutOwnBase({ index, parameters }: ConditionContext, text: string): string {
  if (index.ownBase === undefined) return text;
  const base = parameters.add(`${index.ownBase}/`);
  return `CASE WHEN starts_with(${text}, ${base}) THEN substr(${text}, length(${base}) + 1) ELSE ${text} END`;
}
