import { INSTANT, NUMBER, TEXT } from '../order/sortColumns.ts';
import { orderedPart } from '../plan/choose.ts';
import type { Walk } from '../plan/plan.ts';
import { paramOfRow } from '../conditions/expressions.ts';
import type { Arm } from './arm.ts';
import { beginningDriver } from './beginningDriver.ts';
import { instantBoundsSql, mainDateBoundsSql } from './boundsSql.ts';
import type { Driver } from './driver.ts';
import { quantitySql } from './quantitySql.ts';
import { signatureSql } from './signatureSql.ts';

/** What a walk goes along. */
export function driverOf(arm: Arm, along: Exclude<Walk['along'], 'row' | 'owners'>): Driver {
  switch (along) {
    case 'main-date':
      return mainDate(arm, {});
    case 'patient':
      return mainDate(arm, { patient: patientPart(arm) });
    case 'ordered':
      return ordered(arm, undefined);
    case 'patient-ordered':
      return ordered(arm, patientPart(arm));
    case 'prefix':
      return beginningDriver(arm);
    case 'last-updated':
      return changes(arm);
    case 'strings':
    case 'ranges':
      return firstValues(arm, along);
  }
}

/** Along the resources, by (date_lo, rid), within a patient by (pat, date_lo, rid). */
function mainDate({ context, facts }: Arm, roles: Driver['roles']): Driver {
  const { alias } = context;
  const key = `${alias}.date_lo`;
  const rid = `${alias}.rid`;
  const bounds = mainDateBoundsSql(context, facts, key);
  return {
    key,
    sqlType: INSTANT,
    values: { rid, where: [`${key} IS NOT NULL`, ...bounds], rows: [] },
    ...(facts.isDated
      ? {}
      : {
          nulls: {
            rid,
            where: [`${key} IS NULL`],
            rows: [],
            within: key,
          },
        }),
    roles,
  };
}

const patientPart = ({ facts }: Arm): number => facts.parts.findIndex(({ patient }) => patient !== undefined);

/**
 * Along the rows of one code, or of several that are merged; `patient`: of those, one patient's. There, `-infinity` stands
 * also for no date.
 */
function ordered({ context, facts, columns, backwards }: Arm, patient: number | undefined): Driver {
  const { alias, parameters, tables } = context;
  const part = orderedPart(facts.parts)!;
  const { keys, isExact } = part.ordered!;
  const self = patient === undefined ? 0n : facts.parts[patient]!.patient!;
  const wanted = keys.map((key) => `${parameters.add(key ^ self)}::bigint`);
  const measured = facts.parts.flatMap(({ quantities }) =>
    quantities === undefined ? [] : [quantitySql(quantities, parameters)],
  );
  const single = wanted.length === 1;
  const direction = columns[0]!.descending === backwards ? '' : ' DESC';
  const from = single
    ? `${tables.ordered} d`
    : merged(tables.ordered, wanted, measured, direction, backwards);
  const ofKey = single ? [`d.key = ${wanted[0]!}`, ...measured] : [];
  const bounds = mainDateBoundsSql(context, facts, 'd.date');
  const done = [...(isExact ? [facts.parts.indexOf(part)] : []), ...(patient === undefined ? [] : [patient])];
  return {
    key: 'd.date',
    sqlType: INSTANT,
    values: { from, rid: 'd.rid', where: [...ofKey, ...bounds], rows: [`${alias}.date_lo IS NOT NULL`] },
    ...(facts.isDated
      ? {}
      : {
          nulls: {
            from,
            rid: 'd.rid',
            where: [...ofKey, `d.date = '-infinity'`],
            rows: [`${alias}.date_lo IS NULL`],
          },
        }),
    roles: { done },
  };
}

/** A resource that has several of the codes has several rows, which agree in all but the key. */
function merged(
  table: string,
  keys: readonly string[],
  measured: readonly string[],
  direction: string,
  backwards: boolean,
): string {
  const order = `date${direction}, rid${backwards ? ' DESC' : ''}`;
  // Each range in order by itself: only so PostgreSQL merges them.
  const arms = keys.map((key) => {
    const where = [`d.key = ${key}`, ...measured].join(' AND ');
    return `(SELECT d.date, d.rid FROM ${table} d WHERE ${where} ORDER BY ${order})`;
  });
  return `(SELECT DISTINCT ON (date, rid) date, rid FROM (${arms.join(' UNION ALL ')}) u ORDER BY ${order}) d`;
}

/** Along the changes; only those that made a current version lead to a resource. */
export function changes({ context, facts }: Arm): Driver & { values: { leads: string[] } } {
  const { alias, parameters, schema, type } = context;
  return {
    key: 'd.last_updated',
    sqlType: INSTANT,
    values: {
      from: `"${schema}".changes d`,
      rid: 'd.rid',
      where: [`d.type = '${type}'`, ...instantBoundsSql('d.last_updated', facts.lastUpdated, parameters)],
      leads: signatureSql(facts.parts, parameters),
      tied: true,
      rows: [`${alias}.version = d.version`],
    },
    roles: {},
  };
}

/** Along the values of a parameter; of several values of a resource, only the first in the order leads to it. */
function firstValues({ context, facts, columns }: Arm, table: 'strings' | 'ranges'): Driver {
  const { alias, parameters, tables } = context;
  const order = facts.order as { param: bigint };
  const param = `${parameters.add(order.param)}::bigint`;
  const compared = table === 'strings' ? ['value', 'exact'] : ['lo', 'hi'];
  const of = (row: string) => `(${compared.map((column) => `${row}.${column}`).join(', ')})`;
  const operator = columns[0]!.descending ? '>' : '<';
  const first = `NOT EXISTS (SELECT FROM ${tables[table]} e WHERE e.rid = d.rid AND ${paramOfRow('e')} = ${param} AND ${of('e')} ${operator} ${of('d')})`;
  const none = `NOT EXISTS (SELECT FROM ${tables[table]} e WHERE e.rid = ${alias}.rid AND ${paramOfRow('e')} = ${param})`;
  // Dates have no unit; the index has it before the value.
  const unit = table === 'ranges' ? ['d.unit = 0'] : [];
  return {
    key: `d.${compared[0]!}`,
    sqlType: table === 'strings' ? TEXT : NUMBER,
    values: {
      from: `${tables[table]} d`,
      rid: 'd.rid',
      where: [`d.param = ${param}`, ...unit, first],
      rows: [],
    },
    nulls: { rid: `${alias}.rid`, where: [none], rows: [] },
    roles: {},
  };
}
