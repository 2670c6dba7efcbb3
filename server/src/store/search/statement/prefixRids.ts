import type { ConditionContext } from '../conditions/context.ts';
import type { Part } from '../plan/facts.ts';

/**
 * Row ids of the resources with a text that begins so, perhaps several times. The beginning is written as a range and not as
 * LIKE: so the statement has one plan, whatever the text. `+ 0`: which is not along the index on row ids, with all texts.
 */
export function prefixRids(
  { parameters, tables }: ConditionContext,
  prefixes: NonNullable<Part['prefixes']>,
): string {
  const ranges = prefixes.flatMap(({ params, prefix }) =>
    params.map((param) => {
      const from = `s.param = ${parameters.add(param)}::bigint AND s.value >= ${parameters.add(prefix)}`;
      const end = textAfter(prefix);
      const range = end === undefined ? from : `${from} AND s.value < ${parameters.add(end)}`;
      return `SELECT s.rid + 0 AS rid FROM ${tables.strings} s WHERE ${range}`;
    }),
  );
  return ranges.join(' UNION ALL ');
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
