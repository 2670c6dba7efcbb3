import type { Random } from '../../acceptance/support/mutations/random.ts';
import type { Outcome } from './outcome.ts';

/** One write of one resource; the entries of a transaction are several with the same group. */
export interface Attempt {
  /** `Type/id`; undefined where the server chooses the resource and its answer did not arrive. */
  key: string | undefined;
  type: string;
  /** `patch`: adds its mark to what is there. */
  kind: 'put' | 'patch' | 'delete';
  /** Occurs in the content of this write and of no other; empty for a deletion. */
  mark: string;
  /** Of a put, everything after `meta` in the stored text, to its last brace. */
  rest: string;
  /** The version that If-Match named; 0 for If-None-Match: *. */
  expected?: number;
  /** Number of the transaction. */
  group?: number;
  /** Whether nothing is written where the person that it is for is there. */
  unlessThere?: string;
  outcome: Outcome;
  /** Of an acknowledged write; undefined when there was nothing to delete. */
  version?: number;
  /** The resource in the answer, to the letter. */
  text?: string;
}

/** A version that was given in an answer without being written. */
export interface Given {
  key: string;
  version: number;
  text: string;
}

/** Requests for a person before the next one is taken, on the average, and persons who are asked for at the same time. */
const PERSON_REQUESTS = 8;
const PERSONS = 2;

/** All that the writers sent, and what they were told. */
export class Ledger {
  readonly attempts: Attempt[] = [];
  readonly given: Given[] = [];
  /** Answers that must not happen at all. */
  readonly violations: string[] = [];
  acknowledged = 0;
  refused503 = 0;
  longestRequestMs = 0;
  #groups = 0;
  #marks = 0;
  #persons = 0;

  mark(): string {
    this.#marks += 1;
    return `mark-${this.#marks}-`;
  }

  group(): number {
    this.#groups += 1;
    return this.#groups;
  }

  /** Somebody who may be there only once, and is asked for by others at the same time. */
  person(random: Random): string {
    this.#persons += 1;
    return `person-${Math.floor(this.#persons / PERSON_REQUESTS) + random.below(PERSONS)}-`;
  }

  add(attempt: Attempt): void {
    this.attempts.push(attempt);
    if (attempt.outcome === 'acknowledged') this.acknowledged += 1;
  }

  /** Somebody was there already. */
  give(given: Given): void {
    this.given.push(given);
    this.acknowledged += 1;
  }

  count(outcome: Outcome): number {
    return this.attempts.filter((attempt) => attempt.outcome === outcome).length;
  }
}
