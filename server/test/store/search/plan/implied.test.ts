import { expect, test } from '@jest/globals';
import type { Condition } from '../../../../src/fhir/search/ast.ts';
import { withoutImplied } from '../../../../src/store/search/plan/implied.ts';

const MANY = Array.from({ length: 101 }, (_, at) => BigInt(at + 1));

test.each<[string, (bigint[] | undefined)[], number[]]>([
  ['what is asked twice is asked once', [[7n], [1n], [7n]], [0, 1]],
  ['one of some keys is one of more keys', [[1n, 2n, 3n], [2n]], [1]],
  [
    'the same keys in another order are the same',
    [
      [1n, 2n],
      [2n, 1n],
    ],
    [0],
  ],
  [
    'keys that only overlap say something each',
    [
      [1n, 2n],
      [2n, 3n],
    ],
    [0, 1],
  ],
  ['what has no keys stays', [undefined, [1n], undefined], [0, 1, 2]],
  ['what nothing satisfies stays, and so do others', [[], [1n], []], [0, 1, 2]],
  ['long lists are not compared', [MANY, [1n]], [0, 1]],
])('%s', (_, keys, kept) => {
  const conditions = keys.map((_keys, at): Condition => ({ kind: 'id', ids: [String(at)] }));
  const keysOf = (condition: Condition) => keys[conditions.indexOf(condition)];
  expect(withoutImplied(conditions, keysOf)).toEqual(kept.map((at) => conditions[at]));
});
