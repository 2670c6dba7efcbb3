import { setTimeout as sleep } from 'node:timers/promises';

/** The pauses of a worker in the background, which can be cut short. */
export class Pauses {
  readonly #stop = new AbortController();
  #wake = new AbortController();

  /** Whether the worker is to end: from then on no pause takes any time. */
  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Ends the pause under way, or the next one at once. */
  wake(): void {
    this.#wake.abort();
  }

  stop(): void {
    this.#stop.abort();
  }

  async pause(ms: number): Promise<void> {
    if (ms <= 0 || this.stopped) return;
    const signal = AbortSignal.any([this.#wake.signal, this.#stop.signal]);
    await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined); // woken
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
  }
}
