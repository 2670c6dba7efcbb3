import { setImmediate as nextTurn } from 'node:timers/promises';
import { TerminologyError } from '../issue.ts';

/** Parts of value sets or maps that one question may look into, counted for each code: they may lead to each other on many ways. */
export const EFFORT_MAX = 3_000_000;
/** After so many others have their turn: some milliseconds. */
const TURN = 5_000;

/**
 * Bounds what it costs to answer one question about a value set or a map, which grows by codes times parts, and by each way to what is
 * included on several. Meanwhile the process goes on with what others ask.
 */
export class Effort {
  #left = EFFORT_MAX;
  #ofTurn = 0;

  /**
   * To be called before each piece of work.
   * @returns undefined; a promise where others have to have their turn first
   * @throws TerminologyError when it was too much
   */
  spend(units = 1): Promise<void> | undefined {
    this.#left -= units;
    if (this.#left < 0) throw tooMuch();
    this.#ofTurn += units;
    if (this.#ofTurn < TURN) return undefined;
    this.#ofTurn = 0;
    return nextTurn();
  }
}

const tooMuch = () =>
  new TerminologyError('unprocessable', {
    severity: 'error',
    code: 'too-costly',
    text: 'The answer takes too long to be worked out: ask for fewer codes at a time, or of a value set or map with fewer parts.',
  });
