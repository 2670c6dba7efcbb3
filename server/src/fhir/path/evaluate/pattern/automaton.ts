import { PathEvaluationError } from '../../errors.ts';
import type { PatternTree } from './readPattern.ts';

/** States of one automaton: a repetition with bounds has as many as it may repeat. */
export const PATTERN_STATES_MAX = 4_000;

type State =
  | { kind: 'char'; test: RegExp; next: number }
  | { kind: 'fork'; next: number[] }
  | { kind: 'start' | 'end'; next: number }
  | { kind: 'match' };

/**
 * A regular expression that goes through a text once with all the ways in which it may fit, so that its time grows with
 * the text's length and not with the ways.
 */
export class Automaton {
  readonly #states: State[] = [{ kind: 'match' }];
  readonly #first: number;
  readonly #flags: string;

  /** @throws PathEvaluationError when there would be more than PATTERN_STATES_MAX states */
  constructor(tree: PatternTree, flags: string) {
    this.#flags = flags;
    this.#first = this.#add(tree, 0);
  }

  /** @param spend called with the states that are looked at; it throws when there are too many */
  test(text: string, what: 'part' | 'whole', spend: (steps: number) => void): boolean {
    let current = new Set<number>();
    let at = 0;
    for (const char of text) {
      if (at === 0 || what === 'part') this.#enter(this.#first, at === 0, false, current);
      if (what === 'part' && current.has(0)) return true;
      spend(current.size + 1);
      const next = new Set<number>();
      at += char.length;
      for (const index of current) {
        const state = this.#states[index]!;
        if (state.kind === 'char' && state.test.test(char))
          this.#enter(state.next, false, at === text.length, next);
      }
      current = next;
    }
    if (at === 0 || what === 'part') this.#enter(this.#first, at === 0, true, current);
    return current.has(0);
  }

  /** Adds a state, and those that are reached from it without a character. */
  #enter(first: number, atStart: boolean, atEnd: boolean, states: Set<number>): void {
    const open = [first];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (states.has(index)) continue;
      states.add(index);
      const state = this.#states[index]!;
      if (state.kind === 'fork') open.push(...state.next);
      else if ((state.kind === 'start' && atStart) || (state.kind === 'end' && atEnd)) open.push(state.next);
    }
  }

  /** @returns the state in which the tree begins that goes on with the next one */
  #add(tree: PatternTree, next: number): number {
    switch (tree.kind) {
      case 'char':
        return this.#state({ kind: 'char', test: new RegExp(`^(?:${tree.source})$`, this.#flags), next });
      case 'start':
      case 'end':
        return this.#state({ kind: tree.kind, next });
      case 'sequence':
        return tree.parts.reduceRight((after, part) => this.#add(part, after), next);
      case 'choice':
        return this.#state({ kind: 'fork', next: tree.parts.map((part) => this.#add(part, next)) });
      case 'repeat':
        return this.#repeat(tree, next);
    }
  }

  #repeat({ of, min, max }: Extract<PatternTree, { kind: 'repeat' }>, next: number): number {
    let first = next;
    if (max === Infinity) {
      const fork: State = { kind: 'fork', next: [next] };
      first = this.#state(fork);
      fork.next.push(this.#add(of, first));
    } else {
      for (let i = min; i < max; i++) {
        first = this.#state({ kind: 'fork', next: [next, this.#add(of, first)] });
      }
    }
    for (let i = 0; i < min; i++) first = this.#add(of, first);
    return first;
  }

  #state(state: State): number {
    if (this.#states.length >= PATTERN_STATES_MAX) {
      throw new PathEvaluationError('a regular expression repeats too much');
    }
    return this.#states.push(state) - 1;
  }
}
