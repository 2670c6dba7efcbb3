import type { Candidate, Matcher, Test } from '../../records/events/criteria.ts';

/** A test that several may ask for: it is asked of a candidate once. */
export class SharedTest {
  readonly name: string;
  readonly #matches: Matcher;
  /** How many hold it. */
  holders = 0;
  /** The question that was answered last, and how. */
  #turn = -1;
  #answer = false;

  constructor({ name, matches }: Test) {
    this.name = name;
    this.#matches = matches;
  }

  /** @param turn another one for each candidate */
  holds(candidate: Candidate, turn: number): boolean {
    if (this.#turn !== turn) {
      this.#answer = this.#matches(candidate);
      this.#turn = turn;
    }
    return this.#answer;
  }
}

/** Tests of resources of one type, each of them once. */
export class SharedTests {
  readonly #byName = new Map<string, SharedTest>();

  take(test: Test): SharedTest {
    let shared = this.#byName.get(test.name);
    if (!shared) this.#byName.set(test.name, (shared = new SharedTest(test)));
    shared.holders++;
    return shared;
  }

  giveBack(shared: SharedTest): void {
    if (--shared.holders === 0) this.#byName.delete(shared.name);
  }
}
