export interface BurstLimits {
  /** So long after the last object, nothing is coming any more. */
  calmMs: number;
  /** So long, and for so many bytes, other work waits; then it goes on beside, one at a time. */
  heldMs: number;
  heldBytes: number;
}

export const BURST_LIMITS: BurstLimits = { calmMs: 200, heldMs: 10_000, heldBytes: 256 * 2 ** 20 };

/**
 * Objects that come one after the other. Until a modality is answered it keeps its images, and whoever works at it waits: what can wait, as archive
 * and record can, goes on when they have come, or when too many have.
 */
export class Burst {
  readonly #limits: BurstLimits;
  readonly #waiting: (() => void)[] = [];
  #coming = 0;
  #bytes = 0;
  #state: 'over' | 'held' | 'beside' = 'over';
  #calm: NodeJS.Timeout | undefined;
  #held: NodeJS.Timeout | undefined;

  constructor(limits = BURST_LIMITS) {
    this.#limits = limits;
  }

  /** @param goOn called whenever {@link atOnce} has grown */
  onRoom(goOn: () => void): void {
    this.#waiting.push(goOn);
  }

  /** An object is coming. */
  began(): void {
    this.#coming += 1;
    clearTimeout(this.#calm);
    if (this.#state !== 'over') return;
    this.#state = 'held';
    this.#bytes = 0;
    this.#held = setTimeout(() => this.#goOn('beside'), this.#limits.heldMs).unref();
  }

  /** It has come, or is broken off. */
  ended(bytes: number): void {
    this.#coming -= 1;
    this.#bytes += bytes;
    if (this.#state === 'held' && this.#bytes >= this.#limits.heldBytes) this.#goOn('beside');
    if (this.#coming > 0) return;
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => this.#goOn('over'), this.#limits.calmMs).unref();
  }

  /** How much other work may be under way, of at most so much. */
  atOnce(max: number): number {
    if (this.#state === 'over') return max;
    return this.#state === 'held' ? 0 : 1;
  }

  stop(): void {
    clearTimeout(this.#calm);
    clearTimeout(this.#held);
  }

  #goOn(state: 'over' | 'beside'): void {
    clearTimeout(this.#held);
    this.#state = state;
    for (const goOn of this.#waiting) goOn();
  }
}
