/** Work on the same thing, one after the other: who comes tells who is at it to stop, since that one's client has mostly gone. */
export class Turns {
  readonly #last = new Map<string, { stop: AbortController; done: Promise<unknown> }>();

  /** @param work given up soon after its signal is aborted */
  async take<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    before?.stop.abort();
    const stop = new AbortController();
    const result = (before?.done ?? Promise.resolve()).then(() => work(stop.signal));
    const turn = { stop, done: result.catch(() => undefined) };
    this.#last.set(key, turn);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}

/** What comes, until the signal is aborted: it does not wait for the next piece then. */
export async function* untilStopped<T>(from: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const pieces = from[Symbol.asyncIterator]();
  const stopped = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  while (!signal.aborted) {
    const next = pieces.next();
    next.catch(() => undefined); // nobody waits for it where it was stopped
    const step = await Promise.race([next, stopped]);
    if (!step || step.done) return;
    yield step.value;
  }
}
