/** Finds, of many spans that are asked for, those that another has something in common with: it looks at each, a few a nanosecond. */
export class SpanSet<T> {
  readonly #froms: number[] = [];
  readonly #tos: number[] = [];
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** An item may have several. */
  add(from: number, to: number, item: T): void {
    this.#froms.push(from);
    this.#tos.push(to);
    this.#items.push(item);
  }

  /** All that the item has. */
  delete(item: T): void {
    for (let at = this.#items.length - 1; at >= 0; at--) {
      if (this.#items[at] !== item) continue;
      const [from, to, last] = [this.#froms.pop()!, this.#tos.pop()!, this.#items.pop()!];
      if (at === this.#items.length) continue;
      this.#froms[at] = from;
      this.#tos[at] = to;
      this.#items[at] = last;
    }
  }

  /** Those with `from <= hi` and `to >= lo`; some may be shown several times. */
  forEachMeeting(lo: number, hi: number, show: (item: T) => void): void {
    const froms = this.#froms;
    const tos = this.#tos;
    for (let at = 0; at < froms.length; at++) {
      if (froms[at]! <= hi && tos[at]! >= lo) show(this.#items[at]!);
    }
  }
}
