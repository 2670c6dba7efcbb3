import type { JsonObject } from '../../fhir/resource.ts';

/** Longest expression. */
const ECL_CHARS_MAX = 4000;
const OPERATORS: Record<string, string> = {
  '<<': 'is-a',
  '<': 'descendent-of',
  '<!': 'child-of',
  '>>': 'generalizes',
  '^': 'refset',
  '': '=',
};

/** One step: an operator, a concept's id (or `*`) and perhaps its term between bars. */
const STEP = /^\s*(<<|<!|>>|<|\^|)\s*(\d{6,18}|\*)\s*(?:\|[^|]*\|)?\s*/;

/**
 * The composition that a simple expression of SNOMED's Expression Constraint Language stands for: steps such as `<< 404684003`,
 * joined by all `OR`, all `AND`, or with one `MINUS`; undefined for others.
 */
export function simpleEcl(text: string, base: JsonObject): JsonObject | undefined {
  if (text.length > ECL_CHARS_MAX) return undefined;
  const [all, minus, ...more] = text.split(/\s+MINUS\s+/i);
  if (more.length > 0) return undefined;
  const include = includes(all!, base);
  const exclude = minus === undefined ? [] : includes(minus, base);
  if (!include || !exclude) return undefined;
  return { include, ...(exclude.length > 0 && { exclude }) };
}

function includes(text: string, base: JsonObject): JsonObject[] | undefined {
  const isAll = /\sAND\s|,/i.test(text);
  if (isAll && /\sOR\s/i.test(text)) return undefined;
  const steps = text
    .replace(/^\s*\((.*)\)\s*$/s, '$1')
    .split(isAll ? /\s+AND\s+|,/i : /\s+OR\s+/i)
    .map(filterOf);
  if (steps.some((one) => one === undefined)) return undefined;
  const filters = steps.map((one) => (one === 'all' ? [] : [one]));
  if (isAll) return [{ ...base, filter: filters.flat() }];
  return filters.map((filter) => (filter.length === 0 ? base : { ...base, filter }));
}

function filterOf(text: string): JsonObject | 'all' | undefined {
  const step = STEP.exec(text);
  if (!step || step[0].length !== text.length) return undefined;
  const op = OPERATORS[step[1]!]!;
  if (step[2] === '*') return op === '=' || op === 'is-a' ? 'all' : undefined;
  if (op === 'refset') return { property: 'refset', op: '=', value: step[2] };
  return { property: 'concept', op, value: step[2] };
}
