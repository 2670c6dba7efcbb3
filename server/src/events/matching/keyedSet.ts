import type { Key } from '../../records/events/criteria.ts';

/** What may be found by keys. */
export interface Keyed {
  /** Of which a resource that it is about has one; absent: it must be compared with every resource. */
  keys?: readonly Key[];
}

/** Finds, of many, those few that a resource with certain keys may concern, without a look at the others. */
export class KeyedSet<T extends Keyed> {
  readonly #byKey = new Map<Key, Set<T>>();
  readonly #always = new Set<T>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    this.#size++;
    if (!item.keys) {
      this.#always.add(item);
      return;
    }
    for (const key of item.keys) {
      const found = this.#byKey.get(key);
      if (found) found.add(item);
      else this.#byKey.set(key, new Set([item]));
    }
  }

  delete(item: T): void {
    this.#size--;
    this.#always.delete(item);
    for (const key of item.keys ?? []) {
      const found = this.#byKey.get(key);
      found?.delete(item);
      if (found?.size === 0) this.#byKey.delete(key);
    }
  }

  /** Each at least once: one that has several of the keys is shown for each of them. */
  forEachAbout(keys: Iterable<Key>, show: (item: T) => void): void {
    for (const item of this.#always) show(item);
    if (this.#byKey.size === 0) return;
    for (const key of keys) this.#byKey.get(key)?.forEach(show);
  }
}
