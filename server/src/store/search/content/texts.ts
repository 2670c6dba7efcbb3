import type { ConditionContext } from '../conditions/context.ts';
import { content, evaluated, type Walked } from './walk.ts';

/** A subquery that finds nothing. */
const NO_VALUES = 'SELECT NULL::text COLLATE "C" AS value WHERE false';

/** Whether an element is a text that is not empty (as the index's `asText`). */
export function isText(element: string): string {
  return `json_typeof(${element}) = 'string' AND (${element})::text <> '""'`;
}

/**
 * The texts that a walk finds, as a SELECT of the column `value`.
 *
 * @param change what to do with the SQL of the text
 */
export function selectTexts(context: ConditionContext, walked: Walked, change: Change = asItIs): string {
  const found = evaluated(context, walked);
  return selectValues({ ...found, where: [...found.where, isText(found.element)] }, change);
}

/** As {@link selectTexts}, of elements of any type. */
export function selectValues({ from, where, element }: Walked, change: Change = asItIs): string {
  const items = from.length === 0 ? '' : ` FROM ${from.join(', ')}`;
  return `SELECT ${change(`(${element} #>> '{}')`)} COLLATE "C" AS value${items} WHERE ${where.join(' AND ')}`;
}

/** What to make of the SQL of a text. */
export type Change = (text: string) => string;

export const asItIs: Change = (text) => text;

/**
 * All that some SELECTs find in the row's content, as a subquery of the column `value`.
 *
 * @param write the SELECTs, which walk on from the start
 */
export function fromContent(context: ConditionContext, write: (start: Walked) => readonly string[]): string {
  const { item, start } = content(context);
  const selects = write(start);
  if (selects.length === 0) return NO_VALUES;
  const name = context.aliases.next('v');
  return `SELECT ${name}.value FROM ${item}, LATERAL (${selects.join(' UNION ALL ')}) ${name}`;
}

/** SQL of a reference without this server's own base, so that it is the same as a relative one. */
export function withoutOwnBase({ index, parameters }: ConditionContext, text: string): string {
  if (index.ownBase === undefined) return text;
  const base = parameters.add(`${index.ownBase}/`);
  return `CASE WHEN starts_with(${text}, ${base}) THEN substr(${text}, length(${base}) + 1) ELSE ${text} END`;
}
