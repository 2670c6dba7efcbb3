import type { Condition } from '../../../fhir/search/ast.ts';
import type { Key } from '../../index/rows.ts';
import type { ConditionContext } from './context.ts';
import { anyOf } from './expressions.ts';
import { pathsTo } from './joins.ts';

type OfPatients = Extract<Condition, { kind: 'of-patients' }>;

const PATIENT = 'Patient';

/** Paths on which a row of the type refers to the patients in whose compartments it is. */
export function patientPaths(
  context: Pick<ConditionContext, 'index' | 'type'>,
  { parameters }: Pick<OfPatients, 'parameters'>,
): Key[] {
  return [...new Set(parameters.flatMap((parameter) => pathsTo(context, parameter, PATIENT)))];
}

/**
 * In the compartment of one of the patients. They may be ten thousand: PostgreSQL makes a hash table of such a list once a statement,
 * in which each row looks up what it refers to.
 */
export function ofPatientsCondition(context: ConditionContext, condition: OfPatients): string {
  const { alias, parameters } = context;
  const [keys, ...spans] = condition.patients.arrays;
  const all = `${parameters.add(keys)}::bigint[]`;
  const is =
    condition.self && context.type === PATIENT ? unestimated(`${alias}.self = ANY (${all})`) : 'false';
  const paths = patientPaths(context, condition);
  if (paths.length === 0) return is;
  const found = anyOf([is, refersTo(context, paths, all)]);
  return spans.length === 0 ? found : `(${found} AND ${overlaps(context, paths, condition)})`;
}

function refersTo({ alias, aliases, parameters }: ConditionContext, paths: Key[], all: string): string {
  const key = aliases.next('k');
  const refers = paths.map((path) => `(${key} # ${parameters.add(path)}::bigint) = ANY (${all})`);
  return `EXISTS (SELECT FROM unnest(${alias}.keys) AS ${key} WHERE ${unestimated(refers.join(' OR '))})`;
}

/** In this form the planner does not estimate a condition: it would look at each item of a list, which takes longer than the search. */
const unestimated = (condition: string): string => `CASE WHEN ${condition} THEN true ELSE false END`;

/** Of rows that refer to one of them: a span of one that it refers to has something in common with its main date, or it has none. */
function overlaps(
  { alias, aliases, parameters }: ConditionContext,
  paths: Key[],
  condition: OfPatients,
): string {
  const [key, path, owner] = [aliases.next('k'), aliases.next('p'), aliases.next('o')];
  const [keys, from, to] = condition.patients.arrays;
  const owners = `unnest(${parameters.add(keys)}::bigint[], ${parameters.add(from)}::float8[], ${parameters.add(to)}::float8[]) AS ${owner}(self, lo, hi)`;
  const begins = `${alias}.date_lo <= to_timestamp(${owner}.hi / 1000)`;
  const ends = `${alias}.date_hi >= to_timestamp(${owner}.lo / 1000)`;
  return `(${alias}.date_lo IS NULL OR EXISTS (SELECT FROM unnest(${alias}.keys) AS ${key}, unnest(${parameters.add(paths)}::bigint[]) AS ${path}, ${owners} WHERE ${owner}.self = ${key} # ${path} AND ${begins} AND ${ends}))`;
}
