/**
 * Gathers what arrives while earlier work is under way and does it in one go (group commit). A lone request
 * never waits: it starts at the end of the event-loop turn it arrived in.
 */

export interface BatcherOptions<In> {
  /** Most items in one go. */
  itemsMax: number;
  /** What an item adds to its batch, and the most that a batch may hold of it; a heavier item goes alone. Absent: no limit. */
  weightOf?: (item: In) => number;
  weightMax?: number;
  /** Most goes under way at once; what arrives meanwhile waits and becomes the next batch. */
  inFlightMax: number;
  /** Fewest waiting items that start a batch while others are under way; 1 where absent. */
  furtherMin?: number;
  /** Items with the same key never share a batch, nor are under way at once, and keep their order. Absent: no restriction. */
  keyOf?: (item: In) => string;
}

interface Waiting<In, Out> {
  item: In;
  resolve: (value: Out) => void;
  reject: (reason: unknown) => void;
}

export class Batcher<In, Out> {
  readonly #run: (items: In[]) => Promise<Out[]>;
  readonly #options: BatcherOptions<In>;
  #waiting: Waiting<In, Out>[] = [];
  readonly #keysInFlight = new Set<string>();
  #inFlight = 0;
  #scheduled = false;

  /** @param run does a batch; answers in the order of its items; a rejection rejects every item of the batch */
  constructor(run: (items: In[]) => Promise<Out[]>, options: BatcherOptions<In>) {
    this.#run = run;
    this.#options = options;
  }

  submit(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (
      this.#scheduled ||
      this.#waiting.length < (this.#inFlight === 0 ? 1 : (this.#options.furtherMin ?? 1))
    )
      return;
    if (this.#inFlight >= this.#options.inFlightMax) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#inFlight++;
    void this.#settle(batch).finally(() => {
      this.#inFlight--;
      for (const { item } of batch) this.#keysInFlight.delete(this.#options.keyOf?.(item) ?? '');
      this.#schedule();
    });
    this.#schedule();
  }

  async #settle(batch: Waiting<In, Out>[]): Promise<void> {
    try {
      const results = await this.#run(batch.map((waiting) => waiting.item));
      batch.forEach((waiting, i) => waiting.resolve(results[i] as Out));
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }

  #take(): Waiting<In, Out>[] {
    const { itemsMax, keyOf, weightOf = () => 0, weightMax = Infinity } = this.#options;
    if (keyOf === undefined && weightMax === Infinity) return this.#waiting.splice(0, itemsMax);
    const seen = new Set<string>();
    const batch: Waiting<In, Out>[] = [];
    const later: Waiting<In, Out>[] = [];
    let weight = 0;
    let isFull = false;
    for (const waiting of this.#waiting) {
      const key = keyOf?.(waiting.item);
      const isFree = key === undefined || (!seen.has(key) && !this.#keysInFlight.has(key));
      if (key !== undefined) seen.add(key);
      const heavier: number = isFree && !isFull ? weight + weightOf(waiting.item) : weight;
      // Once full it stays full: a light item must not overtake a heavy one again and again.
      isFull ||= batch.length === itemsMax || (batch.length > 0 && heavier > weightMax);
      if (isFree && !isFull) {
        batch.push(waiting);
        weight = heavier;
        if (key !== undefined) this.#keysInFlight.add(key);
      } else later.push(waiting);
    }
    this.#waiting = later;
    return batch;
  }
}
