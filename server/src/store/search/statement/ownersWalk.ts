import type { PagePosition } from '../found.ts';
import { afterTie } from '../order/after.ts';
import { orderBy, type OrderTerm } from '../order/orderTerm.ts';
import type { Arm } from './arm.ts';
import { conditionsSql } from './conditionsSql.ts';
import { orderTerms } from './findSql.ts';
import { ownersSql } from './ownersSql.ts';
import type { Segment } from './segments.ts';
import { inTurn, stretchSql } from './stretches.ts';

/**
 * Along the resources of the patients that a chain leads to, one patient after the other: by (pat, date_lo DESC, rid), whose
 * rows without a date come first. It ends when the page is full, so that most of these patients' resources are never met.
 */
export function ownersWalk(arm: Arm, guard: number | undefined): string {
  const { context, facts, position, limit } = arm;
  const { part } = facts.order as { part: number };
  const owned = ownersSql(context, facts.parts[part]!.owners!);
  const conditions = conditionsSql(context, facts.parts, {
    driving: [],
    planned: false,
    joins: 'probe',
    done: [part],
  });
  const room = guard === undefined ? undefined : `${context.parameters.add(guard)}::bigint`;
  const segments = position === undefined ? [whole(arm, owned)] : segmentsAfter(arm, owned, position);
  const rid = `${context.alias}.rid`;
  const stretches = segments.flatMap((segment) => {
    const source = { rid, where: [], rows: [] };
    return stretchSql(arm, { source, segment, conditions, room });
  });
  return inTurn(stretches, limit);
}

/** The sort keys as columns of the row. */
function termsOf({ context: { alias }, columns }: Arm): [OrderTerm, OrderTerm] {
  const [patient, date] = orderTerms(columns) as [OrderTerm, OrderTerm];
  return [
    { ...patient, column: `${alias}.pat` },
    { ...date, column: `${alias}.date_lo` },
  ];
}

function whole(arm: Arm, owned: string): Segment {
  const { alias } = arm.context;
  return { of: 'values', where: [owned], order: orderBy(termsOf(arm), [`${alias}.rid`], arm.backwards) };
}

/**
 * What comes after a position: the rest of that moment, the rest of that patient, the patients after that. Each is one range of
 * the index.
 */
function segmentsAfter(arm: Arm, owned: string, position: PagePosition): Segment[] {
  const { context, backwards } = arm;
  const { alias, parameters, type } = context;
  const rid = `${alias}.rid`;
  const [patient, date] = termsOf(arm);
  const [owner, moment] = position.values as [string, string | null];
  const self = `${parameters.add(owner)}::${patient.sqlType}`;
  const ofPatient = [owned, `${patient.column} = ${self}`];
  const tie = afterTie({ rid, type }, position, parameters);
  const dated = orderBy([{ ...date, nullable: false }], [rid], backwards);
  const tied = orderBy([], [rid], backwards);
  // By the date as well, since PostgreSQL does not see that rows without one are in the order of the row ids.
  const undated: Segment = { of: 'nulls', where: [...ofPatient, `${date.column} IS NULL`], order: dated };
  const rest: Segment[] = [];
  if (moment === null) {
    rest.push({ ...undated, where: [...undated.where, tie] });
    if (!backwards)
      rest.push({ of: 'values', where: [...ofPatient, `${date.column} IS NOT NULL`], order: dated });
  } else {
    const placeholder = `${parameters.add(moment)}::${date.sqlType}`;
    const beyond = `${date.column} ${backwards ? '>' : '<'} ${placeholder}`;
    rest.push({ of: 'values', where: [...ofPatient, `${date.column} = ${placeholder}`, tie], order: tied });
    rest.push({ of: 'values', where: [...ofPatient, beyond], order: dated });
    if (backwards) rest.push(undated);
  }
  const others = `${patient.column} ${backwards ? '<' : '>'} ${self}`;
  return [...rest, { ...whole(arm, owned), where: [owned, others] }];
}
