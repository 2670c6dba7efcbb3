import { expect, test } from '@jest/globals';
import { twoTransactions, A, B } from './bad/bases.ts';
import { BAD_CREATES } from './bad/creates.ts';
import { BAD_PROMISES } from './bad/promises.ts';
import { BAD_REGISTERS } from './bad/registers.ts';
import { BAD_TRANSACTIONS } from './bad/transactions.ts';
import { BAD_VERSIONS } from './bad/versions.ts';
import { check } from './checker/check.ts';
import type { Rule } from './checker/violation.ts';
import { saw } from './support/hand.ts';

const BAD = [...BAD_VERSIONS, ...BAD_PROMISES, ...BAD_REGISTERS, ...BAD_TRANSACTIONS, ...BAD_CREATES];

test.each(BAD)('rejected for %s: %s', (rule, _what, made) => {
  const found = check(made.history());
  expect(found.map((violation) => violation.rule)).toContain(rule);
});

test('each rule has a history that breaks it', () => {
  const rules: Record<Rule, true> = {
    gap: true,
    phantom: true,
    'refused-but-there': true,
    'written-twice': true,
    lost: true,
    altered: true,
    'version-given-twice': true,
    'lost-update': true,
    'precondition-passed-over': true,
    'refused-without-cause': true,
    'created-wrongly-told': true,
    'half-there': true,
    'stale-read': true,
    'late-write': true,
    misread: true,
    'absent-without-deletion': true,
    'own-write-unseen': true,
    'torn-read': true,
    'two-created': true,
    'no-order': true,
  };
  expect(new Set(BAD.map(([rule]) => rule))).toEqual(new Set(Object.keys(rules)));
});

test('a ring is told with the operations that are in it', () => {
  const [violation] = check(
    twoTransactions()
      .did('reads', { client: 3, reads: [saw(A, 1, 'a1'), saw(B, 2, 'b2')], at: [110, 190] })
      .history(),
  ).filter(({ rule }) => rule === 'no-order');
  expect(violation!.text).toContain('reads of [client 3, 110 to 190, acknowledged] reads');
  expect(violation!.text).toContain('saw version 1 of Patient/a, and then wrote the next');
  expect(violation!.text).toContain('wrote version 2 of Basic/b, and then saw it');
});
