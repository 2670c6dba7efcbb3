/** Says on which lines positions of a text are, each behind the last: the text is gone through once, however many are asked for. */
export class LineCounter {
  readonly #text: string;
  #line = 1;
  #lineStart = 0;
  #lineEnd: number | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param position not before the last one */
  at(position: number): { line: number; column: number } {
    for (;;) {
      const end = (this.#lineEnd ??= this.#text.indexOf('\n', this.#lineStart));
      if (end < 0 || end >= position) break;
      this.#line++;
      this.#lineStart = end + 1;
      this.#lineEnd = undefined;
    }
    return { line: this.#line, column: position - this.#lineStart + 1 };
  }
}
