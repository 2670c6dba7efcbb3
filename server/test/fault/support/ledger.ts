import type { Outcome } from './outcome.ts';

/** One write of one resource; the entries of a transaction are several with the same group. */
export interface Attempt {
  /** `Type/id`; undefined for a POST whose answer did not arrive. */
  key: string | undefined;
  type: string;
  kind: 'put' | 'delete';
  /** Occurs in the content of this write and of no other; empty for a deletion. */
  mark: string;
  /** Everything after `meta` in the stored text, to its last brace. */
  rest: string;
  /** The version that If-Match named; 0 for If-None-Match: *. */
  expected?: number;
  /** Number of the transaction. */
  group?: number;
  outcome: Outcome;
  /** Of an acknowledged write; undefined when there was nothing to delete. */
  version?: number;
  /** The resource in the answer, to the letter. */
  text?: string;
}

/** All that the writers sent, and what they were told. */
export class Ledger {
  readonly attempts: Attempt[] = [];
  /** Answers that must not happen at all. */
  readonly violations: string[] = [];
  acknowledged = 0;
  refused503 = 0;
  longestRequestMs = 0;
  #groups = 0;
  #marks = 0;

  mark(): string {
    this.#marks += 1;
    return `mark-${this.#marks}-`;
  }

  group(): number {
    this.#groups += 1;
    return this.#groups;
  }

  add(attempt: Attempt): void {
    this.attempts.push(attempt);
    if (attempt.outcome === 'acknowledged') this.acknowledged += 1;
  }

  count(outcome: Outcome): number {
    return this.attempts.filter((attempt) => attempt.outcome === outcome).length;
  }
}

/** The stored text of a version that was written whole. */
export function isWhole(text: string, key: string, version: number, rest: string): boolean {
  const [type, id] = key.split('/');
  const head = `{"resourceType":"${type}","id":"${id}","meta":{"versionId":"${version}","lastUpdated":"`;
  const stampLength = '2000-01-01T00:00:00.000Z'.length;
  return text.startsWith(head) && text.slice(head.length + stampLength) === `"},${rest}}`;
}
