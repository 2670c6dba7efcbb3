import { availableParallelism } from 'node:os';
import { fhirError } from '../../fhir/outcome.ts';

/** Bundles that are parsed and stored at the same time: more would only take memory. */
const AT_ONCE_MAX = availableParallelism() + 1;
/** Bytes of those bundles; one that is alone may be larger. Parsed, they take up to ten times as much of the heap's 2,000 MB. */
const WORKING_BYTES_MAX = 128 * 2 ** 20;
/** Bytes of bundles that wait for their turn, unparsed. */
const WAITING_BYTES_MAX = 256 * 2 ** 20;

interface Waiting {
  bytes: number;
  start(): void;
}

/**
 * Lets a few bundles through at a time, in the order in which they came. A parsed bundle takes many times the memory of its bytes,
 * so what waits, waits as bytes.
 */
export class BundleLimiter {
  readonly #queue: Waiting[] = [];
  #working = 0;
  #workingBytes = 0;
  #waitingBytes = 0;

  /** @param bytes size of the bundle's body @throws FhirError `busy` when too much waits already */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#queue.length > 0 || !this.#hasRoomFor(bytes)) await this.#turn(bytes);
    else this.#begin(bytes);
    try {
      return await work();
    } finally {
      this.#working--;
      this.#workingBytes -= bytes;
      this.#startNext();
    }
  }

  #hasRoomFor(bytes: number): boolean {
    if (this.#working === 0) return true;
    return this.#working < AT_ONCE_MAX && this.#workingBytes + bytes <= WORKING_BYTES_MAX;
  }

  #begin(bytes: number): void {
    this.#working++;
    this.#workingBytes += bytes;
  }

  #turn(bytes: number): Promise<void> {
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      throw fhirError('busy', 'throttled', 'Too many bundles are waiting: send this one again in a moment.');
    }
    this.#waitingBytes += bytes;
    return new Promise((start) => this.#queue.push({ bytes, start }));
  }

  #startNext(): void {
    for (;;) {
      const [next] = this.#queue;
      if (next === undefined || !this.#hasRoomFor(next.bytes)) return;
      this.#queue.shift();
      this.#waitingBytes -= next.bytes;
      this.#begin(next.bytes);
      next.start();
    }
  }
}
