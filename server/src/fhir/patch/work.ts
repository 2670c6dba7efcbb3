import { fhirError } from '../outcome.ts';

/** What all operations of a patch may come to, in the units of {@link Work}. */
export const PATCH_WORK_MAX = 2 ** 24;

/**
 * Bounds what a patch costs as a whole, in memory and in time: a few operations that copy, each twice as much as the
 * one before, would else grow without end. Counted is about a byte of JSON for a unit.
 */
export class Work {
  #left = PATCH_WORK_MAX;

  /** @throws FhirError `unprocessable` when the patch has come to too much */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left >= 0) return;
    const text =
      'What the operations copy, move and look through comes to too much for one patch: send fewer at a time, or PUT the whole resource.';
    throw fhirError('unprocessable', 'too-costly', text);
  }
}
