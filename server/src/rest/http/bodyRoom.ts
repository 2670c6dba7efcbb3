import { fhirError } from '../../fhir/outcome.ts';

/** Bytes of request bodies that are in memory at once, over all requests; one that is alone may be larger. */
export const BODIES_BYTES_MAX = 256 * 2 ** 20;

/** The memory for request bodies, which all requests share: a hundred large ones at once would end the process. */
export class BodyRoom {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax = BODIES_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** The part of one request. */
  lease(): BodyLease {
    let own = 0;
    return {
      take: (bytes) => {
        const isAlone = this.#bytes === own;
        if (!isAlone && this.#bytes + bytes > this.#bytesMax) {
          throw fhirError(
            'busy',
            'throttled',
            'Too many large requests are under way, and nothing was done: send this one again in a moment.',
          );
        }
        own += bytes;
        this.#bytes += bytes;
      },
      release: () => {
        this.#bytes -= own;
        own = 0;
      },
    };
  }
}

export interface BodyLease {
  /** @throws FhirError `busy` when there is no room */
  take(bytes: number): void;
  /** To be called when the answer is out. */
  release(): void;
}
