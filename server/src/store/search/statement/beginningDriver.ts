import { beginningRanges } from '../conditions/beginnings.ts';
import { anyOf, paramOfRow } from '../conditions/expressions.ts';
import { TEXT } from '../order/sortColumns.ts';
import type { Arm } from './arm.ts';
import type { Driver } from './driver.ts';

/**
 * Along the texts that begin so, in their order. A resource that has several of them belongs to the first. That there is none
 * before takes a look at all its texts, and hardly ever there is: the first page does without, unless a resource is met twice.
 */
export function beginningDriver({ context, facts, position, backwards, eachOnce }: Arm): Driver {
  const { parameters, tables } = context;
  const { part } = facts.order as { part: number };
  const beginnings = facts.parts[part]!.prefixes!;
  const direction = backwards ? ' DESC' : '';
  const order = `value${direction}, rid${direction}`;
  // Each range in order by itself: only so PostgreSQL merges them.
  const ranges = beginningRanges(parameters, beginnings, 's').map(
    (range) => `SELECT s.value, s.rid FROM ${tables.strings} s WHERE ${range} ORDER BY ${order}`,
  );
  const merged = ranges.map((range) => `(${range})`).join(' UNION ALL ');
  return {
    key: 'd.value',
    sqlType: TEXT,
    values: {
      from: `(SELECT DISTINCT ON (value, rid) value, rid FROM (${merged}) u ORDER BY ${order}) d`,
      rid: 'd.rid',
      where: eachOnce || position !== undefined ? [isFirst()] : [],
      rows: [],
      key: 'd.value',
    },
    roles: { done: [part] },
  };

  function isFirst(): string {
    const others = anyOf(
      beginningRanges(parameters, beginnings, 'e', paramOfRow('e')).map((range) => `(${range})`),
    );
    return `NOT EXISTS (SELECT FROM ${tables.strings} e WHERE e.rid = d.rid AND e.value < d.value AND ${others})`;
  }
}
