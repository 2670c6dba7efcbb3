import { put, remove, saw } from '../support/hand.ts';
import { A, hand, twoVersions, type BadHistory } from './bases.ts';

/** One resource by itself is out of order. */
export const BAD_REGISTERS: BadHistory[] = [
  [
    'stale-read',
    'a read after a write does not see it',
    twoVersions().did('read', { views: [[saw(A, 1, 'm1')]] }),
  ],
  [
    'stale-read',
    'a client reads the newer version and then the older',
    hand()
      .stores(A, 'm1', 'm2')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('put', { writes: [put(A, 'm2', 2)], at: [100, 200] })
      .did('read', { client: 1, views: [[saw(A, 2, 'm2')]], at: [110, 120] })
      .did('read', { client: 1, views: [[saw(A, 1, 'm1')]], at: [130, 140] }),
  ],
  [
    'stale-read',
    'the same with a write of unknown outcome',
    hand()
      .stores(A, 'm1', 'm2')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('put', { outcome: 'unknown', writes: [put(A, 'm2')] })
      .did('read', { client: 1, views: [[saw(A, 2, 'm2')]] })
      .did('read', { client: 2, views: [[saw(A, 1, 'm1')]] }),
  ],
  [
    'stale-read',
    'what was written is said never to have been',
    twoVersions().did('read', { views: [[saw(A, 0)]] }),
  ],
  [
    'late-write',
    'the write that was acknowledged first comes second',
    hand()
      .stores(A, 'm1', 'm2')
      .did('put', { writes: [put(A, 'm2', 2)] })
      .did('put', { writes: [put(A, 'm1', 1)] }),
  ],
  [
    'late-write',
    'a version was read before it was asked for',
    hand()
      .stores(A, 'm1')
      .did('read', { views: [[saw(A, 1, 'm1')]] })
      .did('put', { writes: [put(A, 'm1', 1)] }),
  ],
  [
    'late-write',
    'the same with a write of unknown outcome',
    hand()
      .stores(A, 'm1')
      .did('read', { views: [[saw(A, 1, 'm1')]] })
      .did('put', { outcome: 'unknown', writes: [put(A, 'm1')] }),
  ],
  ['misread', 'a read gives another text', twoVersions().did('read', { views: [[saw(A, 2, 'm1')]] })],
  [
    'misread',
    'a read gives a version that never was',
    twoVersions().did('read', { views: [[saw(A, 3, 'm3')]] }),
  ],
  [
    'misread',
    'a read gives a text for a deletion',
    twoVersions()
      .stores(A, 'm1', null)
      .did('read', { reads: [saw(A, 2, 'm2')] }),
  ],
  [
    'absent-without-deletion',
    'a deletion finds nothing where something is',
    twoVersions().did('delete', { views: [[saw(A, 'absent')]] }),
  ],
  [
    'absent-without-deletion',
    'it was deleted later only',
    twoVersions()
      .stores(A, 'm1', 'm2', null)
      .did('search', { views: [[saw(A, 'absent')]] })
      .did('delete', { writes: [remove(A, 3)] }),
  ],
];
