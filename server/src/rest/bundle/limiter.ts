import { availableParallelism } from 'node:os';
import { fhirError } from '../../fhir/outcome.ts';

/** Bundles that are parsed and stored at the same time: more would only take memory. */
const AT_ONCE_MAX = availableParallelism() + 1;
/** Bytes of bundles that wait for their turn, unparsed. */
const WAITING_BYTES_MAX = 256 * 2 ** 20;

/**
 * Lets a few bundles through at a time. A parsed bundle takes many times the memory of its bytes, so what waits,
 * waits as bytes.
 */
export class BundleLimiter {
  #running = 0;
  #waitingBytes = 0;
  readonly #queue: (() => void)[] = [];

  /** @param bytes size of the bundle's body @throws FhirError `busy` when too much waits already */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE_MAX) await this.#wait(bytes);
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #wait(bytes: number): Promise<void> {
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      throw fhirError('busy', 'throttled', 'Too many bundles are waiting: send this one again in a moment.');
    }
    this.#waitingBytes += bytes;
    await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#waitingBytes -= bytes;
  }
}
