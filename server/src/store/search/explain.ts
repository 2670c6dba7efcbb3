import type { Condition, SearchQuery, TypeSearch } from '../../fhir/search/ast.ts';
import type { QueryResult, Statement } from '../postgres/database.ts';
import type { PreparedPage } from './prepared.ts';
import { flat, type SearchFacts } from './plan/facts.ts';
import type { Shape, TypePlan } from './plan/plan.ts';

/** How a search was understood and carried out (`_explain`): for administrators, since it shows keys and values. */
export interface Explanation {
  /** The search as a tree; of parameters, the code. */
  search: unknown;
  plans: ExplainedPlan[];
  sql: string;
  values: unknown[];
  /** PostgreSQL's plan with what it met (EXPLAIN ANALYZE); the search ran once more for it. */
  postgres: unknown;
  /** Whether the plan is kept for all values, or made for these. */
  isFixed: boolean;
  /** From sending the statement to having the page, in milliseconds. */
  searchMs: number;
}

interface ExplainedPlan {
  type: string;
  shape: string;
  /** Rows that it was thought to look at, against what the other shapes would. */
  cost: number;
  rejected: { shape: string; cost: number }[];
  /** Estimated number of matches. */
  matches: number;
  /** What the estimate rests on: the part of the type's resources that satisfy each condition. */
  conditions: { condition: unknown; few: number; many: number }[];
  /** Conditions that were left out, since others imply them. */
  implied: unknown[];
}

/** @param run runs a statement where the search ran */
export async function explainPage(
  query: SearchQuery,
  prepared: PreparedPage,
  searchMs: number,
  run: (statement: Statement) => Promise<QueryResult>,
): Promise<Explanation> {
  const { text, values, isFixed } = prepared;
  const { rows } = await run({ name: '', text: `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values });
  return {
    search: plain(query),
    plans: prepared.arms.map(({ context, facts, plan }) => ({
      type: context.type,
      ...explainedPlan(plan),
      conditions: facts.parts.map(({ condition, fraction }) => ({
        condition: plain(condition),
        ...fraction,
      })),
      implied: plain(impliedOf(query.searches, context.type, facts)) as unknown[],
    })),
    sql: text,
    values: plain(values) as unknown[],
    postgres: rows[0]?.['QUERY PLAN'],
    isFixed,
    searchMs,
  };
}

function impliedOf(searches: readonly TypeSearch[], type: string, { parts }: SearchFacts): Condition[] {
  const { conditions } = searches.find((search) => search.type === type)!;
  const asked = new Set(parts.map(({ condition }) => condition));
  return flat(conditions).filter((condition) => !asked.has(condition));
}

function explainedPlan({
  shape,
  cost,
  rejected,
  matches,
}: TypePlan): Omit<ExplainedPlan, 'type' | 'conditions' | 'implied'> {
  return {
    shape: shapeName(shape),
    cost: Math.round(cost),
    rejected: rejected.map((other) => ({ shape: shapeName(other.shape), cost: Math.round(other.cost) })),
    matches,
  };
}

const shapeName = (shape: Shape): string =>
  shape.kind === 'walk' ? `walk along ${shape.along}` : `find by ${shape.by}`;

/** As plain JSON: keys as decimals, since JSON's numbers would lose digits, and open ends as texts, which JSON has no numbers for. */
export function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (name, member: unknown) => {
    if (typeof member === 'bigint') return String(member);
    if (typeof member === 'number' && !Number.isFinite(member)) return String(member);
    if (PARAMETERS.has(name) && typeof member === 'object' && member !== null && 'code' in member)
      return member.code;
    return member;
  });
  return JSON.parse(text) as unknown;
}

const PARAMETERS: ReadonlySet<string> = new Set(['parameter', 'by']);
