/** Lets some work go on at a time; the rest waits its turn, in order. */
export class Turns {
  readonly #atOnceMax: number;
  #running = 0;
  readonly #queue: (() => void)[] = [];

  constructor(atOnceMax: number) {
    this.#atOnceMax = atOnceMax;
  }

  /** Whether work that comes now has to wait. */
  get isTaken(): boolean {
    return this.#running >= this.#atOnceMax;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.isTaken) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
