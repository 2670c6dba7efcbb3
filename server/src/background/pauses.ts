import { setTimeout as sleep } from 'node:timers/promises';

/** The pauses of a worker in the background, which can be cut short. They keep no process alive. */
export class Pauses {
  readonly #stop = new AbortController();
  readonly #ends = new Set<() => void>();
  #isWoken = false;

  /** Whether the worker is to end: from then on no pause takes any time. */
  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Aborts when the worker is to end. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Ends the pause under way, or the next one at once. Each write may wake somebody, so it must cost nothing: no signal, whose abortion makes an error each time. */
  wake(): void {
    this.#isWoken = true;
    for (const end of this.#ends) end();
  }

  stop(): void {
    this.#stop.abort();
    for (const end of this.#ends) end();
  }

  /** @returns whether somebody woke the worker */
  async pause(ms: number): Promise<boolean> {
    if (ms <= 0 || this.stopped) return false;
    if (!this.#isWoken) await this.#untilEnded(ms);
    const isWoken = this.#isWoken;
    this.#isWoken = false;
    return isWoken;
  }

  /** A pause that only the end of the worker cuts short: to wake it meanwhile ends the next {@link pause}. */
  async rest(ms: number): Promise<void> {
    if (this.stopped) return;
    await sleep(ms, undefined, { signal: this.stopping, ref: false }).catch(() => undefined); // stopped
  }

  async #untilEnded(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms).unref();
    this.#ends.add(resolve);
    await promise;
    this.#ends.delete(resolve);
    clearTimeout(timer);
  }
}
