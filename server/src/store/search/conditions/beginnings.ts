import type { Condition } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';
import type { SqlParameters } from '../sqlParameters.ts';

/** Texts that begin so, in a row of one of the parameters. */
export interface Beginning {
  params: readonly Key[];
  prefix: string;
}

/** Beginnings that are looked for at once, in all parameters together. */
const BEGINNINGS_MAX = 8;

/** What a condition on strings asks the index; undefined where it asks something else, or too much to go through one by one. */
export function beginningsOf(
  index: IndexQuery,
  type: string,
  condition: Condition,
): readonly Beginning[] | undefined {
  if (condition.kind !== 'string' || condition.match !== 'starts-with') return undefined;
  if (condition.values.length > BEGINNINGS_MAX) return undefined;
  const asked = condition.values.map((value) => index.stringPrefix(type, condition.parameter, value));
  const found = asked.filter(({ params }) => params.length > 0);
  const ranges = found.reduce((sum, { params }) => sum + params.length, 0);
  return ranges === 0 || ranges > BEGINNINGS_MAX ? undefined : found;
}

/**
 * SQL for each range of the index on strings: a beginning is written as a range and not as LIKE, so that the statement has
 * one plan, whatever the text.
 *
 * @param row alias of the string row
 * @param param SQL of its parameter
 */
export function beginningRanges(
  parameters: SqlParameters,
  beginnings: readonly Beginning[],
  row: string,
  param = `${row}.param`,
): string[] {
  return beginnings.flatMap(({ params, prefix }) =>
    params.map((key) => {
      const from = `${param} = ${parameters.add(key)}::bigint AND ${row}.value >= ${parameters.add(prefix)}`;
      const end = textAfter(prefix);
      return end === undefined ? from : `${from} AND ${row}.value < ${parameters.add(end)}`;
    }),
  );
}

const LAST_CODE_POINT = 0x10ffff;
const SURROGATES = { first: 0xd800, after: 0xe000 };

/** The first text, in the order of bytes, behind all that begin so; undefined: there is none. */
export function textAfter(prefix: string): string | undefined {
  const characters = [...prefix];
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const point = last.codePointAt(0)!;
    if (point === LAST_CODE_POINT) continue;
    const next = point + 1 === SURROGATES.first ? SURROGATES.after : point + 1;
    return characters.join('') + String.fromCodePoint(next);
  }
  return undefined;
}
