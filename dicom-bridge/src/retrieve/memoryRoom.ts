import { RendererBusyError } from '../rendering/renderer.ts';

/** What answers have in memory at once, over all requests: frames that are decoded, objects that are inflated. One that is alone may have more. */
const BYTES_MAX = 2 ** 30;

/** What one request has in memory. */
export interface MemoryLease {
  /** @throws RendererBusyError where others have too much */
  take(bytes: number): void;
  /** To be called when its answer is out, or nobody waits for it. */
  release(): void;
}

/** The memory that all requests share: who reads slowly keeps what he was answered, and some twenty large frames would end the process. */
export class MemoryRoom {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax = BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** The part of one request. */
  lease(): MemoryLease {
    let own = 0;
    return {
      take: (bytes) => {
        const isAlone = this.#bytes === own;
        if (!isAlone && this.#bytes + bytes > this.#bytesMax)
          throw new RendererBusyError('Too many large objects are asked for at once.');
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
