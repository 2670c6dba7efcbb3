import { fhirError } from '../../fhir/outcome.ts';

/** Placeholders of one statement; the protocol has two bytes for their number. */
export const PLACEHOLDERS_MAX = 60_000;
/** Keys and texts that one search may ask the index for, lists of them counted one by one. */
export const TERMS_MAX = 100_000;

/** Collects the values of a statement while its text is written: no value ever becomes part of the text. */
export class SqlParameters {
  readonly values: unknown[] = [];
  #terms = 0;

  /**
   * @returns the placeholder that stands for the value, `$1`, `$2`, ...
   * @throws FhirError `incorrect` when the search asks for more than it may
   */
  add(value: unknown): string {
    const terms = Array.isArray(value) ? value.length : 1;
    this.require(terms);
    this.#terms += terms;
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** Whether there is room for so many terms more: for whoever gathers them. @throws as {@link add} */
  require(terms: number): void {
    if (this.#terms + terms <= TERMS_MAX && this.values.length < PLACEHOLDERS_MAX) return;
    const text =
      'The search asks for too many values at once: give fewer, or write references with their type (Type/id).';
    throw fhirError('incorrect', 'too-costly', text);
  }
}
