import { isCall, pathTokens } from './functionCalls.ts';

/** How an expression may multiply what it is given; its cost is else bounded by its length and the resource's. */
export interface PathCost {
  /** Times by which elements and texts may become more. */
  growth: number;
  /** Calls of `descendants`, which gives an element once for each that it is inside of. */
  descents: number;
  /** Operations that compare each with each. */
  pairings: number;
  /** Whether texts are taken apart, so that each character counts. */
  spells: boolean;
}

/** What an expression is evaluated on. */
export interface ResourceSize {
  /** Elements and primitive values. */
  values: number;
  /** Characters of all texts. */
  chars: number;
  /** Nesting. */
  depth: number;
}

/** What an expression may be defined to do at the most. */
export const PATH_GROWTH_MAX = 200;
export const PATH_DESCENTS_MAX = 2;
/** What evaluating an expression on a resource may come to: values (some 4 µs each), characters, comparisons (some 75 ns each). */
export const PATH_VALUES_MAX = 100_000;
export const PATH_CHARS_MAX = 2 ** 26;
export const PATH_PAIRS_MAX = 10_000_000;

/** They give `$this` another meaning and return what is made of it: what stands twice in them doubles, each time. */
const PROJECTIONS: ReadonlySet<string> = new Set(['select', 'iif']);
/** Of what is made in them, only whether it is true comes out. */
const CRITERIA: ReadonlySet<string> = new Set(['where', 'exists', 'all']);
const GROWERS: ReadonlySet<string> = new Set(['|', '&', '+', 'union', 'combine']);
const PAIRINGS: ReadonlySet<string> = new Set(
  '| union intersect exclude subsetOf supersetOf distinct isDistinct'.split(' '),
);
const SPELLERS: ReadonlySet<string> = new Set(['toChars', 'split']);
/** Characters of literals that count as much as what they are joined to. */
const CHARS_PER_GROWTH = 32;

/** What an expression may cost, as far as its words tell; never less than it does. */
export function pathCost(expression: string): PathCost {
  const tokens = pathTokens(expression);
  const enclosing: string[] = [];
  const count = { growers: 0, projections: 0, pairings: 0, descents: 0, joinedChars: 0 };
  let factor = 1;
  tokens.forEach((token, i) => {
    const isFunction = isCall(tokens, i);
    const name = isFunction || !/^\w/.test(token) ? token : '';
    if (token === '(') enclosing.push(isCall(tokens, i - 1) ? tokens[i - 1]! : '');
    if (token === ')') enclosing.pop();
    if (PROJECTIONS.has(name)) count.projections++;
    if (name === 'descendants') count.descents++;
    if (name === 'join' || name === 'replace') factor *= textFactor(tokens, i);
    if (PAIRINGS.has(name) && !isOfLiterals(tokens, i)) count.pairings++;
    if (GROWERS.has(name) && flowsOut(enclosing, isOfLiterals(tokens, i))) count.growers++;
    if (name === '&' || name === '+')
      count.joinedChars += literalChars(tokens[i - 1]) + literalChars(tokens[i + 1]);
  });
  const { growers, projections, pairings, descents, joinedChars } = count;
  // The worst that so many can do, however they stand in each other.
  const product = (1 + growers / (projections + 1)) ** (projections + 1);
  return {
    growth: product * factor * (1 + joinedChars / CHARS_PER_GROWTH),
    descents,
    pairings,
    spells: tokens.some((token, i) => SPELLERS.has(token) && isCall(tokens, i)),
  };
}

/** Whether what is made here may be a part of the result: a list of literals outside of projections stays what it is. */
function flowsOut(enclosing: readonly string[], isOfLiterals: boolean): boolean {
  const inner = enclosing.findLast((name) => PROJECTIONS.has(name) || CRITERIA.has(name));
  return inner === undefined ? !isOfLiterals : PROJECTIONS.has(inner);
}

const isLiteral = (token: string | undefined) => token !== undefined && /^['\d]/.test(token);
const isOfLiterals = (tokens: readonly string[], i: number) =>
  isLiteral(tokens[i - 1]) && isLiteral(tokens[i + 1]);

/** Length of a literal text; 0 for other tokens. */
function literalChars(token: string | undefined): number {
  if (!token?.startsWith("'")) return 0;
  return token.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|.)/g, '_').length;
}

/** How much longer `join('..')` and `replace('..', '..')` may make a text; infinitely where that is not written in them. */
function textFactor(tokens: readonly string[], i: number): number {
  const end = tokens.indexOf(')', i);
  const [first, comma, second, ...more] = tokens.slice(i + 2, end < 0 ? undefined : end);
  const isText = (token: string | undefined) => token?.startsWith("'") === true;
  if (tokens[i] === 'join') {
    if (first === undefined) return 1;
    return isText(first) && comma === undefined ? 1 + literalChars(first) : Infinity;
  }
  if (!isText(first) || comma !== ',' || !isText(second) || more.length > 0) return Infinity;
  const [before, after] = [literalChars(first), literalChars(second)];
  return before === 0 ? 1 + after : Math.max(1, after / before);
}

/** Whether an expression goes through a resource and no more: then nothing needs to be counted. */
export function isPlain({ growth, descents, pairings, spells }: PathCost): boolean {
  return growth === 1 && descents === 0 && pairings === 0 && !spells;
}

/** Whether an expression of this cost may be evaluated on a resource of this size. */
export function isAffordable(cost: PathCost, { values, chars, depth }: ResourceSize): boolean {
  const { growth, descents, pairings, spells } = cost;
  const most = (values + (spells ? chars : 0)) * growth * depth ** descents;
  return (
    most <= PATH_VALUES_MAX && chars * growth <= PATH_CHARS_MAX && pairings * most ** 2 <= PATH_PAIRS_MAX
  );
}

/** The size of a resource, as plain JSON. */
export function sizeOf(resource: unknown): ResourceSize {
  const size = { values: 0, chars: 0, depth: 0 };
  addTo(size, resource, 1);
  return size;
}

function addTo(size: ResourceSize, value: unknown, depth: number): void {
  if (Array.isArray(value)) {
    for (const item of value) addTo(size, item, depth);
    return;
  }
  size.values++;
  if (depth > size.depth) size.depth = depth;
  if (typeof value === 'string') size.chars += value.length;
  if (typeof value !== 'object' || value === null) return;
  for (const part of Object.values(value)) addTo(size, part, depth + 1);
}
