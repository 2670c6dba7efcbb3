import type { Candidate, Criteria, Key } from '../../records/events/criteria.ts';
import { ClueIndex } from './clueIndex.ts';
import { SharedTests, type SharedTest } from './sharedTests.ts';

/** How often criteria may be shown in vain before they are filed by other clues. */
const VAIN_MAX = 16;

/** Criteria, and all that have them. */
interface Filed<T> {
  name: string;
  clues: Criteria['clues'];
  tests: readonly SharedTest[];
  items: Set<T>;
  /** Which of the clues they are filed by. */
  by: number;
  /** How often they were shown in vain, by each of the clues. */
  vain: number[];
  /** When they were looked at last. */
  turn: number;
}

/**
 * Criteria of one resource type, so arranged that a resource is compared only with those that it may satisfy. Each is filed by the clues of one of its
 * conditions. Which of them are rare is not known beforehand: what is shown in vain again and again is filed by others, so that it is not shown much
 * oftener than by its best.
 */
export class InterestSet<T extends Criteria> {
  readonly #byName = new Map<string, Filed<T>>();
  readonly #index = new ClueIndex<Filed<T>>();
  /** Without any clue. */
  readonly #always = new Set<Filed<T>>();
  readonly #tests = new SharedTests();
  #turn = 0;

  /** Of criteria that differ. */
  get size(): number {
    return this.#byName.size;
  }

  add(item: T): void {
    const name = nameOf(item);
    let filed = this.#byName.get(name);
    if (!filed) {
      filed = this.#made(name, item);
      this.#byName.set(name, filed);
      this.#file(filed);
    }
    filed.items.add(item);
  }

  delete(item: T): void {
    const filed = this.#byName.get(nameOf(item));
    if (!filed?.items.delete(item) || filed.items.size > 0) return;
    this.#byName.delete(filed.name);
    this.#unfile(filed);
    for (const test of filed.tests) this.#tests.giveBack(test);
  }

  /** Each that a resource satisfies, once. @param keys all that the resource shows */
  forEachSatisfied(keys: readonly Key[], candidate: Candidate, show: (item: T) => void): void {
    const turn = ++this.#turn;
    const inVain: Filed<T>[] = [];
    const look = (filed: Filed<T>) => {
      if (filed.turn === turn) return;
      filed.turn = turn;
      if (areMet(filed.tests, candidate, turn)) filed.items.forEach(show);
      else if (filed.vain.length > 1) inVain.push(filed);
    };
    this.#always.forEach(look);
    this.#index.forEachShown(keys, candidate, look);
    for (const filed of inVain) this.#shownInVain(filed);
  }

  #made(name: string, { clues, tests }: T): Filed<T> {
    const shared = tests.map((test) => this.#tests.take(test));
    // What many ask is asked first: mostly it is answered already.
    shared.sort((a, b) => b.holders - a.holders);
    return { name, clues, tests: shared, items: new Set(), by: 0, vain: clues.map(() => 0), turn: 0 };
  }

  #shownInVain(filed: Filed<T>): void {
    const { vain } = filed;
    const rarest = vain.reduce((best, count, at) => (count < vain[best]! ? at : best), 0);
    if (++vain[filed.by]! <= 2 * vain[rarest]! + VAIN_MAX) return;
    this.#unfile(filed);
    filed.by = rarest;
    this.#file(filed);
  }

  #file(filed: Filed<T>): void {
    const clues = filed.clues[filed.by];
    if (clues) this.#index.add(clues.anyOf, filed);
    else this.#always.add(filed);
  }

  #unfile(filed: Filed<T>): void {
    const clues = filed.clues[filed.by];
    if (clues) this.#index.delete(clues.anyOf, filed);
    else this.#always.delete(filed);
  }
}

const nameOf = ({ tests }: Criteria): string => JSON.stringify(tests.map(({ name }) => name));

function areMet(tests: readonly SharedTest[], candidate: Candidate, turn: number): boolean {
  for (const test of tests) if (!test.holds(candidate, turn)) return false;
  return true;
}
