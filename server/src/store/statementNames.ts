/** Statements that are kept prepared, on each connection that has met them. */
export const PREPARED_MAX = 300;
/** A statement is prepared when it comes so often; what a client asks once is not kept. */
const USES_MIN = 3;
/** Longer statements (of many alternatives) hardly come again. */
const TEXT_CHARS_MAX = 20_000;
/** Texts whose uses are counted at a time. */
const COUNTED_MAX = 2_000;

/** Gives the statements that come often a name, under which a connection keeps them parsed, and planned if their plan is fixed. */
export class StatementNames {
  readonly #prefix: string;
  readonly #names = new Map<string, string>();
  #uses = new Map<string, number>();

  /** @param prefix begins all names, and no others on the same connections */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Empty for a statement that is not worth keeping. */
  of(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size === PREPARED_MAX || text.length > TEXT_CHARS_MAX) return '';
    const uses = (this.#uses.get(text) ?? 0) + 1;
    if (uses < USES_MIN) {
      if (this.#uses.size === COUNTED_MAX) this.#uses = new Map();
      this.#uses.set(text, uses);
      return '';
    }
    this.#uses.delete(text);
    const name = `${this.#prefix}-${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
