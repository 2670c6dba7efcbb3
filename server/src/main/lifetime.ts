/** What has been started, ended in the reverse order. */
export class Lifetime {
  readonly #closers: (() => Promise<void> | void)[] = [];
  #ended: Promise<void> | undefined;

  /** Remembers how to end what has just been started. */
  atEnd(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Ends everything, last things first; safe to call twice. */
  end(): Promise<void> {
    return (this.#ended ??= this.#endAll());
  }

  async #endAll(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}
