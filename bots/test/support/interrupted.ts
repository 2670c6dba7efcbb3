/** Where a run is cut off, of its calls counted from 1. */
export interface Cut {
  call: number;
  /**
   * `killed-before`: the call never leaves, and nothing of the handler runs any more; `killed-after`: so, but the call took effect.
   * `failed-before`, `failed-after`: the same for a connection that breaks; the handler sees an error.
   */
  how: CutKind;
}

export type CutKind = (typeof CUT_KINDS)[number];
export const CUT_KINDS = ['killed-before', 'killed-after', 'failed-before', 'failed-after'] as const;

/** Counts the calls of a run, and cuts one of them off. */
export class Interruption {
  /** Made so far. */
  calls = 0;
  readonly #cut: Cut | undefined;
  readonly #killed = Promise.withResolvers<'killed'>();

  /** @param cut absent: nothing is cut off */
  constructor(cut?: Cut) {
    this.#cut = cut;
  }

  /** Resolved when the run has been killed. */
  get killed(): Promise<'killed'> {
    return this.#killed.promise;
  }

  /** Carries a call out, or not. */
  async pass<T>(call: () => Promise<T>): Promise<T> {
    this.calls += 1;
    const how = this.calls === this.#cut?.call ? this.#cut.how : undefined;
    if (how === 'killed-before') return this.#kill();
    if (how === 'failed-before') throw new TypeError('the connection broke before the request was sent');
    const answer = await call();
    if (how === 'killed-after') return this.#kill();
    if (how === 'failed-after') throw new TypeError('the connection broke before the answer came');
    return answer;
  }

  /** The same object; its methods are calls of the run. For gateways: their methods must return promises. */
  guard<T extends object>(gateway: T): T {
    return new Proxy(gateway, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...values: unknown[]) =>
          this.pass(() => Promise.resolve(Reflect.apply(value, target, values)));
      },
    });
  }

  #kill(): Promise<never> {
    this.#killed.resolve('killed');
    return new Promise(() => undefined);
  }
}
