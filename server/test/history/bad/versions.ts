import { append, put, remove, saw } from '../support/hand.ts';
import { A, B, hand, twoVersions, type BadHistory } from './bases.ts';

/** What is stored was not written so. */
export const BAD_VERSIONS: BadHistory[] = [
  ['gap', 'a version is missing', twoVersions().without(A, 1)],
  [
    'gap',
    'the first versions are missing',
    hand()
      .stores(A, 'x', 'y', 'm3')
      .without(A, 1)
      .without(A, 2)
      .did('put', { writes: [put(A, 'm3', 3)] }),
  ],

  ['phantom', 'a version that nobody wrote', twoVersions().stores(A, 'm1', 'm2', 'strange')],
  ['phantom', 'a write of another resource', twoVersions().stores(B, 'm1')],
  ['phantom', 'a deletion that nobody asked for', twoVersions().stores(A, 'm1', 'm2', null)],
  [
    'phantom',
    'a deletion of what was deleted',
    hand()
      .stores(A, 'm1', null, null)
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('delete', { writes: [remove(A, 2)] })
      .did('delete', { outcome: 'unknown', writes: [remove(A)] }),
  ],
  [
    'phantom',
    'one deletion of unknown outcome became two',
    hand()
      .stores(A, 'm1', null, 'm2', null)
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('put', { writes: [put(A, 'm2', 3)], at: [100, 200] })
      .did('delete', { outcome: 'unknown', writes: [remove(A)], at: [100, 200] }),
  ],
  [
    'phantom',
    'a deletion that was there before it was asked for',
    hand()
      .stores(A, 'm1', null)
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('read', { views: [[saw(A, 2)]] })
      .did('delete', { outcome: 'unknown', writes: [remove(A)] }),
  ],

  [
    'refused-but-there',
    'a precondition was refused, and the write is there',
    twoVersions()
      .stores(A, 'm1', 'm2', 'm3')
      .did('put', {
        outcome: 'refused',
        writes: [put(A, 'm3', undefined, { expected: 1 })],
        views: [[saw(A, 2)]],
      }),
  ],
  [
    'refused-but-there',
    'a transaction was refused, and a part of it is there',
    twoVersions()
      .stores(B, 'b1')
      .did('transaction', { outcome: 'refused', writes: [put(A, 'x'), put(B, 'b1')] }),
  ],

  ['written-twice', 'a write is two versions', twoVersions().stores(A, 'm1', 'm2', 'm2')],
  [
    'written-twice',
    'a create of unknown outcome is two resources',
    hand()
      .stores(A, 'm1')
      .stores(B, 'm1')
      .did('create', { outcome: 'unknown', writes: [{ ...put('', 'm1'), key: undefined }] }),
  ],

  [
    'lost-update',
    'a patch forgot the one before',
    hand()
      .stores(A, 'm1', 'm1+m2', 'm1+m3')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('patch', { writes: [append(A, 'm1+m2', 2)], at: [100, 200] })
      .did('patch', { writes: [append(A, 'm1+m3', 3)], at: [100, 200] }),
  ],
  [
    'lost-update',
    'a patch of unknown outcome was applied to an older version',
    hand()
      .stores(A, 'm1', 'm2', 'm1+m3')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('patch', { outcome: 'unknown', writes: [append(A, 'm1+m3')] })
      .did('put', { writes: [put(A, 'm2', 2)] }),
  ],
  [
    'lost-update',
    'a patch brought back what was deleted',
    hand()
      .stores(A, 'm1', null, 'm1+m2')
      .did('put', { writes: [put(A, 'm1', 1)] })
      .did('delete', { writes: [remove(A, 2)] })
      .did('patch', { writes: [append(A, 'm1+m2', 3)] }),
  ],
  [
    'lost-update',
    'a put left what was there before',
    twoVersions()
      .stores(A, 'm1', 'm2', 'm2+m3')
      .did('put', { writes: [put(A, 'm3', 3, { text: 'text of m2+m3' })] }),
  ],
];
