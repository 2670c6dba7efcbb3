/** What has been started, ended in the reverse order. */
export class Lifetime {
  readonly #closers: (() => Promise<void> | void)[] = [];
  #ended: Promise<void> | undefined;

  atEnd(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Safe to call twice. */
  end(): Promise<void> {
    this.#ended ??= this.#close();
    return this.#ended;
  }

  async #close(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) await close();
  }
}
