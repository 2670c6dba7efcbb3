import { availableParallelism } from 'node:os';
import { fhirError } from '../../fhir/outcome.ts';
import { Turns } from './turns.ts';

/** Bundles that are parsed and stored at the same time: more would only take memory. */
const AT_ONCE_MAX = availableParallelism() + 1;
/** Bytes of bundles that wait for their turn, unparsed. */
const WAITING_BYTES_MAX = 256 * 2 ** 20;

/**
 * Lets a few bundles through at a time. A parsed bundle takes many times the memory of its bytes, so what waits,
 * waits as bytes.
 */
export class BundleLimiter {
  readonly #turns = new Turns(AT_ONCE_MAX);
  #waitingBytes = 0;

  /** @param bytes size of the bundle's body @throws FhirError `busy` when too much waits already */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (!this.#turns.isTaken) return this.#turns.run(work);
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      throw fhirError('busy', 'throttled', 'Too many bundles are waiting: send this one again in a moment.');
    }
    this.#waitingBytes += bytes;
    return this.#turns.run(() => {
      this.#waitingBytes -= bytes;
      return work();
    });
  }
}
