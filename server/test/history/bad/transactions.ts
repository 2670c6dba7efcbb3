import type { Write } from '../checker/history.ts';
import { put, remove, saw } from '../support/hand.ts';
import { A, B, C, hand, twoTransactions, type BadHistory } from './bases.ts';

const unknownByCriterion = (mark: string): Write => ({
  ...put(A, mark),
  key: undefined,
  criterion: 'k',
  isOptional: true,
});

/** Several resources do not fit together. */
export const BAD_TRANSACTIONS: BadHistory[] = [
  [
    'half-there',
    'of a transaction of unknown outcome one write is there',
    hand()
      .stores(A, 'a1')
      .did('transaction', { outcome: 'unknown', writes: [put(A, 'a1'), put(B, 'b1')] }),
  ],
  [
    'half-there',
    'of one its deletion is missing',
    hand()
      .stores(A, 'm1')
      .stores(B, 'b1')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('transaction', { outcome: 'unknown', writes: [put(B, 'b1'), remove(A)] }),
  ],
  [
    'half-there',
    'of one only its deletion is there',
    hand()
      .stores(A, 'm1', null)
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('transaction', { outcome: 'unknown', writes: [put(B, 'b1'), remove(A)] }),
  ],
  [
    'half-there',
    'of one its conditional create is missing, and there is nothing that it could have found',
    hand()
      .stores(B, 'b1')
      .did('transaction', { outcome: 'unknown', writes: [unknownByCriterion('a1'), put(B, 'b1')] }),
  ],

  [
    'own-write-unseen',
    'a transaction reads what was there before its own write',
    twoTransactions()
      .stores(C, 'c1', 'c2')
      .did('put', { writes: [put(C, 'c1', 1)] })
      .did('transaction', { writes: [put(C, 'c2', 2)], reads: [saw(C, 1, 'c1')] }),
  ],
  [
    'torn-read',
    'a transaction is seen in one resource and not in the other',
    twoTransactions().did('reads', { reads: [saw(A, 2, 'a2'), saw(B, 1, 'b1')], at: [110, 190] }),
  ],
  [
    'torn-read',
    'the same the other way round',
    twoTransactions().did('reads', { reads: [saw(A, 1, 'a1'), saw(B, 2, 'b2')], at: [110, 190] }),
  ],
  [
    'torn-read',
    'a resource that was made in a transaction is there, the other is not',
    hand()
      .stores(A, 'a1')
      .stores(B, 'b1')
      .did('transaction', { outcome: 'unknown', writes: [put(A, 'a1'), put(B, 'b1')] })
      .did('reads', { reads: [saw(A, 1, 'a1'), saw(B, 0)] }),
  ],
  [
    'torn-read',
    'what came after it does not hide it',
    twoTransactions()
      .stores(A, 'a1', 'a2', 'a3')
      .did('put', { writes: [put(A, 'a3', 3)], at: [110, 210] })
      .did('reads', { reads: [saw(A, 3, 'a3'), saw(B, 1, 'b1')], at: [110, 190] }),
  ],
  [
    'no-order',
    'one client sees the first of two transactions alone, another the second',
    hand()
      .stores(A, 'a1', 'a2')
      .stores(B, 'b1', 'b2')
      .did('transaction', { writes: [put(A, 'a1', 1), put(B, 'b1', 1)] })
      .did('put', { writes: [put(A, 'a2', 2)], at: [100, 200] })
      .did('put', { writes: [put(B, 'b2', 2)], at: [100, 200] })
      .did('reads', { reads: [saw(A, 2, 'a2'), saw(B, 1, 'b1')], at: [110, 190] })
      .did('reads', { reads: [saw(A, 1, 'a1'), saw(B, 2, 'b2')], at: [110, 190] }),
  ],
  [
    'no-order',
    'two resources were written one after the other, and a read shows the second without the first',
    hand()
      .stores(A, 'a1', 'a2')
      .stores(B, 'b1', 'b2')
      .did('transaction', { writes: [put(A, 'a1', 1), put(B, 'b1', 1)] })
      .did('reads', { reads: [saw(A, 1, 'a1'), saw(B, 2, 'b2')], at: [100, 200] })
      .did('put', { writes: [put(A, 'a2', 2)], at: [110, 120] })
      .did('put', { writes: [put(B, 'b2', 2)], at: [130, 140] }),
  ],
  [
    'no-order',
    'two transactions replaced each other',
    hand()
      .stores(A, 'a1', 'a2')
      .stores(B, 'b2', 'b1')
      .did('transaction', { writes: [put(A, 'a1', 1), put(B, 'b1', 2)], at: [100, 200] })
      .did('transaction', { writes: [put(A, 'a2', 2), put(B, 'b2', 1)], at: [100, 200] }),
  ],
  [
    'no-order',
    'a transaction reads what was there before the one that it replaces',
    hand()
      .stores(A, 'a1', 'a2', 'a3')
      .stores(B, 'b1', 'b2')
      .did('transaction', { writes: [put(A, 'a1', 1), put(B, 'b1', 1)] })
      .did('transaction', { writes: [put(A, 'a2', 2), put(B, 'b2', 2)], at: [100, 200] })
      .did('transaction', { writes: [put(A, 'a3', 3)], reads: [saw(B, 1, 'b1')], at: [100, 200] }),
  ],
  [
    'no-order',
    'something is absent for one who has seen what was written after its creation',
    hand()
      .stores(A, 'a1')
      .stores(B, 'b1')
      .did('reads', { reads: [saw(A, 0), saw(B, 1, 'b1')], at: [100, 200] })
      .did('put', { writes: [put(A, 'a1', 1)], at: [110, 120] })
      .did('put', { writes: [put(B, 'b1', 1)], at: [130, 140] }),
  ],
];
