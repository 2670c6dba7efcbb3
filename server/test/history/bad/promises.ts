import { put, remove, saw } from '../support/hand.ts';
import { A, B, hand, twoVersions, type BadHistory } from './bases.ts';

/** What was told is not true. */
export const BAD_PROMISES: BadHistory[] = [
  ['lost', 'an acknowledged write is gone', twoVersions().stores(A, 'm1')],
  ['lost', 'an acknowledged resource is gone', hand().did('put', { writes: [put(A, 'm1', 1)] })],
  [
    'lost',
    'of an acknowledged transaction one part is gone',
    hand()
      .stores(A, 'a1')
      .did('transaction', { writes: [put(A, 'a1', 1), put(B, 'b1', 1)] }),
  ],
  ['altered', 'two acknowledged writes have changed places', twoVersions().stores(A, 'm2', 'm1')],
  [
    'altered',
    'an acknowledged deletion is not one',
    twoVersions()
      .stores(A, 'm1', 'm2', 'm3')
      .did('delete', { writes: [remove(A, 3)], at: [50, 60] })
      .did('put', { outcome: 'unknown', writes: [put(A, 'm3')], at: [50, 60] }),
  ],
  [
    'altered',
    'the answer gave another text',
    hand()
      .stores(A, 'm1')
      .did('put', { writes: [put(A, 'm1', 1, { text: 'another' })] }),
  ],

  [
    'version-given-twice',
    'two compare-and-set on one version are both acknowledged',
    twoVersions()
      .did('put', { writes: [put(A, 'm3', 2, { expected: 1 })] })
      .did('read', { views: [[saw(A, 2, 'm2')]] }),
  ],
  [
    'version-given-twice',
    'two deletions of one version are both acknowledged',
    hand()
      .stores(A, 'm1', null)
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('delete', { writes: [remove(A, 2)], at: [100, 200] })
      .did('delete', { writes: [remove(A, 2)], at: [100, 200] }),
  ],

  [
    'precondition-passed-over',
    'a compare-and-set on version 1 became version 3',
    twoVersions()
      .stores(A, 'm1', 'm2', 'm3')
      .did('put', { writes: [put(A, 'm3', 3, { expected: 1 })] }),
  ],
  [
    'precondition-passed-over',
    'one of unknown outcome did, too',
    twoVersions()
      .stores(A, 'm1', 'm2', 'm3')
      .did('put', { outcome: 'unknown', writes: [put(A, 'm3', undefined, { expected: 1 })] }),
  ],
  [
    'precondition-passed-over',
    'what was not to be there was there',
    hand()
      .stores(A, 'm1', 'm2')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('put', { writes: [put(A, 'm2', 2, { expected: 0 })] }),
  ],
  [
    'precondition-passed-over',
    'the version that was demanded is a deletion',
    hand()
      .stores(A, 'm1', null, 'm2')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('delete', { writes: [remove(A, 2)] })
      .did('put', { writes: [put(A, 'm2', 3, { expected: 2 })] }),
  ],
  [
    'refused-without-cause',
    'the version that was demanded is the one that was told',
    twoVersions().did('put', {
      outcome: 'refused',
      writes: [put(A, 'x', undefined, { expected: 2 })],
      views: [[saw(A, 2)]],
    }),
  ],
  [
    'refused-without-cause',
    'nothing was to be there, and nothing was',
    twoVersions().did('put', {
      outcome: 'refused',
      writes: [put(B, 'x', undefined, { expected: 0 })],
      views: [[saw(B, 'absent')]],
    }),
  ],
  [
    'stale-read',
    'a precondition was refused for a version of the past',
    twoVersions().did('put', {
      outcome: 'refused',
      writes: [put(A, 'x', undefined, { expected: 2 })],
      views: [[saw(A, 1)]],
    }),
  ],
  [
    'created-wrongly-told',
    'an update was told to be a creation',
    hand()
      .stores(A, 'm1', 'm2')
      .did('put', { writes: [put(A, 'm1', 1, { created: true })] })
      .did('put', { writes: [put(A, 'm2', 2, { created: true })] }),
  ],
];
