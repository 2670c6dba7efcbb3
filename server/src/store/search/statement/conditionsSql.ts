import { looked } from '../conditions/expressions.ts';
import { conditionSql } from '../conditions/conditionSql.ts';
import type { ConditionContext, JoinShape } from '../conditions/context.ts';
import type { Part } from '../plan/facts.ts';
import { ownersSql } from './ownersSql.ts';

/** Which conditions an index may serve, and how the others are written. */
export interface Roles {
  /** Parts whose keys the GIN index is asked for. */
  driving: readonly number[];
  /** A part that the patient column answers. */
  patient?: number;
  /** A part that says which resources are meant. */
  ids?: number;
  /** A part whose patients' resources are read, by the patient column. */
  owners?: number;
  /** Parts that are dealt with elsewhere. */
  done?: readonly number[];
  /** Leave the rest to PostgreSQL's planner, instead of keeping every other index out of it. */
  planned: boolean;
  joins: JoinShape;
}

/**
 * SQL of all conditions on a row, and that it is not deleted. The keys of all conditions that are about one key each become
 * one operator. What must not drive is written `(...) IS TRUE`: no index serves that, yet the planner estimates it as well
 * as the condition itself.
 */
export function conditionsSql(context: ConditionContext, parts: readonly Part[], roles: Roles): string {
  const { alias, parameters } = context;
  const driving: Part[] = [];
  const keyed: Part[] = [];
  const others: Part[] = [];
  const sql: string[] = [];
  parts.forEach((part, i) => {
    if (roles.done?.includes(i)) return;
    if (i === roles.patient) sql.push(`${alias}.pat = ${parameters.add(part.patient)}::bigint`);
    else if (part.owners && roles.joins === 'probe') {
      const owned = ownersSql(context, part.owners);
      sql.push(i === roles.owners ? owned : looked(owned));
    } else if (part.keys === undefined) others.push(part);
    else if (roles.planned || roles.driving.includes(i)) driving.push(part);
    else keyed.push(part);
  });
  const aside = (condition: string) => (roles.planned ? condition : looked(condition));
  sql.push(...keysSql(context, driving));
  for (const condition of keysSql(context, keyed)) sql.push(looked(condition));
  const joining = { ...context, joins: roles.joins };
  for (const part of others) {
    const one = conditionSql(joining, part.condition);
    const serves = roles.ids !== undefined && part === parts[roles.ids];
    sql.push(serves || part.probes > 0 ? one : aside(one));
  }
  return [`${alias}.method <> 'D'`, ...sql.filter((one) => one !== 'true')].join(' AND ');
}

function keysSql({ alias, parameters }: ConditionContext, parts: readonly Part[]): string[] {
  if (parts.some(({ keys }) => keys!.length === 0)) return ['false'];
  const single = [...new Set(parts.filter(({ keys }) => keys!.length === 1).map(({ keys }) => keys![0]!))];
  const several = parts.filter(({ keys }) => keys!.length > 1).map(({ keys }) => keys!);
  return [
    ...(single.length > 0 ? [`${alias}.keys @> ${parameters.add(single)}::bigint[]`] : []),
    ...several.map((keys) => `${alias}.keys && ${parameters.add([...keys])}::bigint[]`),
  ];
}
