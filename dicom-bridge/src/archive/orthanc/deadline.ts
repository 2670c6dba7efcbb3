/** How long an answer is waited for: while it is, its time runs, and ends the request when it is over. */
export class Deadline {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on, so long. */
  start(ms: number): void {
    this.stop();
    this.#timer = setTimeout(() => this.#controller.abort(), ms);
  }

  /** Nobody waits any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
