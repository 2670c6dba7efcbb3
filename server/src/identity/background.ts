/** Work that an answer does not wait for, so that it tells nothing by how long it took. */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #onDefect: (error: unknown) => void;

  constructor(onDefect: (error: unknown) => void) {
    this.#onDefect = onDefect;
  }

  run(work: () => Promise<void>): void {
    const running = work().catch(this.#onDefect);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  /** When all that was begun has ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
