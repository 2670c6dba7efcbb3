import { describe, expect, test } from '@jest/globals';
import type { PagePosition } from '../../../../src/store/search/found.ts';
import { afterSql } from '../../../../src/store/search/order/after.ts';
import { orderBy, type OrderTerm } from '../../../../src/store/search/order/orderTerm.ts';
import { SqlParameters } from '../../../../src/store/search/sqlParameters.ts';

const key = (column: string, descending = false, nullable = true): OrderTerm => ({
  column,
  sqlType: 'text',
  descending,
  nullable,
});
const position = (values: (string | null)[], more: Partial<PagePosition> = {}): PagePosition => ({
  values,
  rid: '9',
  backwards: false,
  ...more,
});

function after(terms: OrderTerm[], at: PagePosition, type = 'Patient'): { sql: string; values: unknown[] } {
  const parameters = new SqlParameters();
  return { sql: afterSql(terms, { rid: 'rid', type }, at, parameters), values: parameters.values };
}

describe('the rows after a position', () => {
  test.each<[string, OrderTerm[], PagePosition, string, unknown[]]>([
    ['without keys', [], position([]), 'rid > $1::bigint', ['9']],
    ['backwards', [], position([], { backwards: true }), 'rid < $1::bigint', ['9']],
    ['itself included', [], position([], { inclusive: true }), 'rid >= $1::bigint', ['9']],
    [
      'of a key',
      [key('a')],
      position(['x']),
      '(a > $2::text OR a IS NULL OR (a = $2::text AND rid > $1::bigint))',
      ['9', 'x'],
    ],
    [
      'of a falling key',
      [key('a', true)],
      position(['x']),
      '(a < $2::text OR a IS NULL OR (a = $2::text AND rid > $1::bigint))',
      ['9', 'x'],
    ],
    [
      'of a key that all have',
      [key('a', false, false)],
      position(['x']),
      '(a > $2::text OR (a = $2::text AND rid > $1::bigint))',
      ['9', 'x'],
    ],
    ['where there is no value', [key('a')], position([null]), '(a IS NULL AND rid > $1::bigint)', ['9']],
    [
      'backwards where there is no value',
      [key('a', true)],
      position([null], { backwards: true }),
      '(a IS NOT NULL OR (a IS NULL AND rid < $1::bigint))',
      ['9'],
    ],
    [
      'backwards of a falling key',
      [key('a', true)],
      position(['x'], { backwards: true }),
      '(a > $2::text OR (a = $2::text AND rid < $1::bigint))',
      ['9', 'x'],
    ],
    [
      'of two keys',
      [key('a'), key('b', true)],
      position(['x', 'y']),
      '(a > $3::text OR a IS NULL OR (a = $3::text AND (b < $2::text OR b IS NULL OR (b = $2::text AND rid > $1::bigint))))',
      ['9', 'y', 'x'],
    ],
  ])('%s', (_name, terms, at, sql, values) => {
    expect(after(terms, at)).toEqual({ sql, values });
  });

  test.each([
    ['Account', false, '(a = $1::text AND false)'],
    ['Zebra', false, '(a = $1::text AND true)'],
    ['Account', true, '(a = $1::text AND true)'],
    ['Zebra', true, '(a = $1::text AND false)'],
  ])('of several types, those of %s (backwards: %s)', (type, backwards, sql) => {
    const { sql: found } = after(
      [key('a', backwards, false)],
      position(['x'], { type: 'Patient', backwards }),
      type,
    );
    expect(found).toBe(`(a > $1::text OR ${sql})`);
  });
});

test.each([
  [false, 'a NULLS LAST, b DESC NULLS LAST, c DESC, rid'],
  [true, 'a DESC NULLS FIRST, b NULLS FIRST, c, rid DESC'],
])('an order (backwards: %s) is %s', (backwards, sql) => {
  expect(orderBy([key('a'), key('b', true), key('c', true, false)], ['rid'], backwards)).toBe(sql);
});
