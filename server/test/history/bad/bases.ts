import type { Rule } from '../checker/violation.ts';
import { Hand, put } from '../support/hand.ts';

/** What a history breaks, in what way. It may break other rules, too, as a consequence. */
export type BadHistory = [rule: Rule, how: string, history: Hand];

export const A = 'Patient/a';
export const B = 'Basic/b';
export const C = 'Basic/c';
export const hand = () => new Hand();

/** A resource with two versions that were written one after the other. */
export const twoVersions = () =>
  hand()
    .stores(A, 'm1', 'm2')
    .did('put', { writes: [put(A, 'm1', 1)] })
    .did('put', { writes: [put(A, 'm2', 2)] });

/** Two resources that a transaction made and another is writing, between 100 and 200. */
export const twoTransactions = () =>
  hand()
    .stores(A, 'a1', 'a2')
    .stores(B, 'b1', 'b2')
    .did('transaction', { writes: [put(A, 'a1', 1), put(B, 'b1', 1)] })
    .did('transaction', { writes: [put(A, 'a2', 2), put(B, 'b2', 2)], at: [100, 200] });
