import { expect, test } from '@jest/globals';
import { check } from './checker/check.ts';
import { Hand, append, put, remove, saw } from './support/hand.ts';

const A = 'Patient/a';
const B = 'Basic/b';
const hand = () => new Hand();

const GOOD: [string, Hand][] = [
  ['nothing', hand()],
  [
    'writes of every kind, one after the other, and reads between them',
    hand()
      .stores(A, 'm1', 'm1+m2', 'm3', null, 'm4')
      .did('read', { views: [[saw(A, 0)]] })
      .did('put', { writes: [put(A, 'm1', 1, { created: true, expected: 0 })] })
      .did('patch', { writes: [append(A, 'm1+m2', 2)] })
      .did('read', { views: [[saw(A, 2, 'm1+m2')]] })
      .did('put', { writes: [put(A, 'm3', 3, { created: false, expected: 2 })] })
      .did('put', {
        outcome: 'refused',
        writes: [put(A, 'x', undefined, { expected: 2 })],
        views: [[saw(A, 3)]],
      })
      .did('delete', { writes: [remove(A, 4)] })
      .did('delete', { views: [[saw(A, 'absent')]] })
      .did('put', {
        outcome: 'refused',
        writes: [put(A, 'y', undefined, { expected: 3 })],
        views: [[saw(A, 'absent')]],
      })
      .did('read', { views: [[saw(A, 4)]] })
      .did('patch', {
        outcome: 'refused',
        writes: [{ ...append(A, 'z'), expected: 4 }],
        views: [[saw(A, 4)]],
      })
      .did('put', { writes: [put(A, 'm4', 5, { created: true })] }),
  ],
  [
    'two writes at once, whichever comes first, and reads beside them that see either',
    hand()
      .stores(A, 'm1', 'm2', 'm3')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('put', { writes: [put(A, 'm3', 3)], at: [100, 200] })
      .did('put', { writes: [put(A, 'm2', 2)], at: [110, 190] })
      .did('read', { views: [[saw(A, 1, 'm1')]], at: [120, 130] })
      .did('read', { views: [[saw(A, 3, 'm3')]], at: [125, 195] })
      .did('read', { views: [[saw(A, 2, 'm2')]], at: [131, 140] }),
  ],
  [
    'a precondition that was refused for what came in between',
    hand()
      .stores(A, 'm1', 'm2')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('put', { writes: [put(A, 'm2', 2, { expected: 1 })], at: [100, 200] })
      .did('put', {
        outcome: 'refused',
        writes: [put(A, 'x', undefined, { expected: 1 })],
        views: [[saw(A, 2)]],
        at: [100, 150],
      }),
  ],
  [
    'unknown outcomes: one that came at once, one late, one never',
    hand()
      .stores(A, 'm1', 'm2', 'm3')
      .did('put', { outcome: 'unknown', writes: [put(A, 'm1')] })
      .did('read', { views: [[saw(A, 1, 'm1')]] })
      .did('put', { outcome: 'unknown', writes: [put(A, 'm3')] })
      .did('put', { outcome: 'unknown', writes: [put(A, 'never')] })
      .did('put', { writes: [put(A, 'm2', 2)] })
      .did('read', { views: [[saw(A, 2, 'm2')]] })
      .did('read', { views: [[saw(A, 3, 'm3')]] }),
  ],
  [
    'a deletion of unknown outcome, which somebody saw',
    hand()
      .stores(A, 'm1', null)
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('delete', { outcome: 'unknown', writes: [remove(A)] })
      .did('read', { views: [[saw(A, 1, 'm1')]] })
      .did('delete', { views: [[saw(A, 'absent')]] }),
  ],
  [
    'deletions by transactions of unknown outcome that found nothing, or never happened',
    hand()
      .stores(A, 'm1', null)
      .stores(B, 'm2')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('delete', { writes: [remove(A, 2)] })
      .did('transaction', { outcome: 'unknown', writes: [put(B, 'm2'), remove(A)] })
      .did('transaction', { outcome: 'unknown', writes: [put(B, 'never'), remove(B)] }),
  ],
  [
    'transactions, and reads that see all of them or nothing',
    hand()
      .stores(A, 'a1', 'a2')
      .stores(B, 'b1', 'b2')
      .did('transaction', { writes: [put(A, 'a1', 1), put(B, 'b1', 1)] })
      .did('transaction', { writes: [put(A, 'a2', 2), put(B, 'b2', 2)], at: [100, 200] })
      .did('reads', { reads: [saw(A, 1, 'a1'), saw(B, 1, 'b1')], at: [110, 120] })
      .did('reads', { reads: [saw(A, 2, 'a2'), saw(B, 2, 'b2')], at: [130, 140] })
      .did('read', { views: [[saw(A, 2, 'a2')]] })
      .did('read', { views: [[saw(B, 2, 'b2')]] }),
  ],
  [
    'a transaction that reads what it has written',
    hand()
      .stores(A, 'a1', 'a2')
      .stores(B, 'b1')
      .did('transaction', { writes: [put(A, 'a1', 1), put(B, 'b1', 1)] })
      .did('transaction', { writes: [put(A, 'a2', 2)], reads: [saw(A, 2, 'a2'), saw(B, 1, 'b1')] }),
  ],
  [
    'two transactions that each read what the other is about to replace: this is not serializable, and not promised',
    hand()
      .stores(A, 'a1', 'a2')
      .stores(B, 'b1', 'b2')
      .did('transaction', { writes: [put(A, 'a1', 1), put(B, 'b1', 1)] })
      .did('transaction', { writes: [put(A, 'a2', 2)], reads: [saw(B, 1, 'b1')], at: [100, 200] })
      .did('transaction', { writes: [put(B, 'b2', 2)], reads: [saw(A, 1, 'a1')], at: [100, 200] }),
  ],
  [
    'conditional creates: one creates, others find it, one is unknown; after a deletion one creates again',
    hand()
      .stores(A, 'm1', null)
      .stores(B, 'm4')
      .did('create', {
        writes: [put(A, 'm1', 1, { criterion: 'k', isOptional: true, created: true })],
        at: [1, 9],
      })
      .did('create', { views: [[saw(A, 1, 'm1')]], at: [2, 8] })
      .did('create', {
        outcome: 'unknown',
        writes: [{ ...put('', 'm2'), key: undefined, criterion: 'k', isOptional: true }],
      })
      .did('delete', { writes: [remove(A, 2)] })
      .did('create', {
        outcome: 'unknown',
        writes: [{ ...put('', 'm4'), key: undefined, criterion: 'k', isOptional: true }],
      })
      .did('create', { views: [[saw(B, 1, 'm4')]] }),
  ],
];

test.each(GOOD)('accepted: %s', (_what, made) => {
  expect(check(made.history())).toEqual([]);
});
