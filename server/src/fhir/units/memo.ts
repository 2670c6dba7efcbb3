/** Remembers the most recently used results, never more than its bound. */
export interface Memo<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

/**
 * A bounded memo of two generations: when the young one is full it becomes the old one, and what is used there
 * comes back. Cheaper than a list in order of use, and as good where values repeat.
 *
 * @param max most entries that are kept
 */
export function createMemo<V>(max: number): Memo<V> {
  const generationMax = Math.max(1, Math.floor(max / 2));
  let young = new Map<string, V>();
  let old = new Map<string, V>();

  function set(key: string, value: V): void {
    if (young.size >= generationMax) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  }

  function get(key: string): V | undefined {
    const recent = young.get(key);
    if (recent !== undefined) return recent;
    const earlier = old.get(key);
    if (earlier !== undefined) set(key, earlier);
    return earlier;
  }

  return { get, set };
}
