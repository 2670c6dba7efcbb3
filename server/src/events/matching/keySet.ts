import type { Key } from '../../records/events/criteria.ts';

/** Finds, of many keys that are asked for, those that a resource has. Most are asked for once: only the others take a set. */
export class KeySet<T extends object> {
  readonly #items = new Map<Key, T | Set<T>>();

  add(key: Key, item: T): void {
    const found = this.#items.get(key);
    if (found === undefined) this.#items.set(key, item);
    else if (found instanceof Set) found.add(item);
    else if (found !== item) this.#items.set(key, new Set([found, item]));
  }

  delete(key: Key, item: T): void {
    const found = this.#items.get(key);
    if (found === item) this.#items.delete(key);
    if (!(found instanceof Set)) return;
    found.delete(item);
    if (found.size === 0) this.#items.delete(key);
  }

  /** Some may be shown several times. */
  forEachOf(keys: readonly Key[], show: (item: T) => void): void {
    if (this.#items.size === 0) return;
    for (const key of keys) {
      const found = this.#items.get(key);
      if (found instanceof Set) found.forEach(show);
      else if (found !== undefined) show(found);
    }
  }
}
