import type { Write } from '../checker/history.ts';
import { put, remove } from '../support/hand.ts';
import { A, B, hand, type BadHistory } from './bases.ts';

const byCriterion = (mark: string, version?: number): Write => ({
  ...put(A, mark, version),
  criterion: 'k',
  isOptional: true,
});
const unknownByCriterion = (mark: string): Write => ({ ...byCriterion(mark), key: undefined });

/** Two satisfy a criterion. */
export const BAD_CREATES: BadHistory[] = [
  [
    'two-created',
    'two conditional creates both create',
    hand()
      .stores(A, 'm1')
      .stores(B, 'm2')
      .did('create', { writes: [byCriterion('m1', 1)], at: [1, 9] })
      .did('create', { writes: [{ ...byCriterion('m2', 1), key: B }], at: [2, 8] }),
  ],
  [
    'two-created',
    'one of them was never acknowledged',
    hand()
      .stores(A, 'm1')
      .stores(B, 'm2')
      .did('create', { writes: [byCriterion('m1', 1)] })
      .did('create', { outcome: 'unknown', writes: [unknownByCriterion('m2')] }),
  ],
  [
    'no-order',
    'the second was made before the first was deleted',
    hand()
      .stores(A, 'm1', null)
      .stores(B, 'm2')
      .did('create', { writes: [byCriterion('m1', 1)] })
      .did('create', { writes: [{ ...byCriterion('m2', 1), key: B }] })
      .did('delete', { writes: [remove(A, 2)] }),
  ],
];
