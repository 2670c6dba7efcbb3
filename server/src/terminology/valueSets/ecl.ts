import type { JsonObject } from '../../fhir/resource.ts';

/** Longest expression. */
const ECL_CHARS_MAX = 4000;
/** What each operator means, as filters of a value set. */
const OPERATORS: Record<string, (code: string) => JsonObject[]> = {
  '': (value) => [{ property: 'concept', op: '=', value }],
  '<<': (value) => [{ property: 'concept', op: 'is-a', value }],
  '<': (value) => [{ property: 'concept', op: 'descendent-of', value }],
  '<!': (value) => [{ property: 'concept', op: 'child-of', value }],
  '>>': (value) => [{ property: 'concept', op: 'generalizes', value }],
  '>': (value) => [
    { property: 'concept', op: 'generalizes', value },
    { property: 'concept', op: 'not-in', value },
  ],
  '>!': (value) => [{ property: 'child', op: '=', value }],
  '^': (value) => [{ property: 'refset', op: '=', value }],
};
/** Operators that have every concept where they are about `*`. */
const OF_ALL: ReadonlySet<string> = new Set(['', '<<', '>>']);

/** One step: an operator and a concept's id (or `*`). */
const STEP = /^\s*(<<|<!|<|>>|>!|>|\^|)\s*(\d{6,18}|\*)\s*/;
/** The term of a concept, in which anything may stand, also `OR` and commas. */
const TERMS = /\|[^|]*\|/g;

/**
 * The composition that a simple expression of SNOMED's Expression Constraint Language stands for: steps such as `<< 404684003`,
 * joined by all `OR`, all `AND`, or with one `MINUS`; undefined for others.
 */
export function simpleEcl(text: string, base: JsonObject): JsonObject | undefined {
  if (text.length > ECL_CHARS_MAX) return undefined;
  const [all, minus, ...more] = text.replaceAll(TERMS, ' ').split(/\s+MINUS\s+/i);
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
    .map(filtersOf);
  const known = steps.filter((one) => one !== undefined);
  if (known.length < steps.length) return undefined;
  if (isAll) return [{ ...base, filter: known.flat() }];
  return known.map((filter) => (filter.length === 0 ? base : { ...base, filter }));
}

/** Of one step; none: every concept. */
function filtersOf(text: string): JsonObject[] | undefined {
  const step = STEP.exec(text);
  if (!step || step[0].length !== text.length) return undefined;
  const [, operator = '', concept = ''] = step;
  if (concept === '*') return OF_ALL.has(operator) ? [] : undefined;
  return OPERATORS[operator]?.(concept);
}
