import { tooCostly } from './faults.ts';
import { QUERY_TESTS_MAX } from './limits.ts';

/** Bounds what one query may come to as a whole, whatever its parts may: many chains over many types multiply. */
export class TestBudget {
  #left = QUERY_TESTS_MAX;

  /** @throws SearchFault when the query has come to too many tests */
  spend(tests: number): void {
    this.#left -= tests;
    if (this.#left < 0) {
      throw tooCostly(
        `The query comes to more than ${QUERY_TESTS_MAX} tests, counted on each type: name the types searched and those that chains lead to, or split it.`,
      );
    }
  }
}
