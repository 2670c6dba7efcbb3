/**
 * The resource types that have tables. A type that is not among them may have got its tables since: whoever meets one
 * asks {@link refresh} whether it did, and begins anew if so.
 */
export class KnownTables {
  readonly #read: () => Promise<string[]>;
  #types: ReadonlySet<string> = new Set();

  /** @param read names of all types that have tables */
  constructor(read: () => Promise<string[]>) {
    this.#read = read;
  }

  has(type: string): boolean {
    return this.#types.has(type);
  }

  /** @returns whether one of these types has tables now */
  async refresh(missed: ReadonlySet<string>): Promise<boolean> {
    this.#types = new Set(await this.#read());
    return [...missed].some((type) => this.#types.has(type));
  }
}
