/** Of all texts that are kept. */
const BYTES_MAX = 32 * 2 ** 20;

/** Metadata of objects as they are sent, those that were asked for last: viewers ask for the same study again, and an object never changes. */
export class MetadataTexts {
  readonly #bytesMax: number;
  readonly #texts = new Map<string, Buffer>();
  #bytes = 0;
  /** Grows with each object that is forgotten: what was read before is not kept afterwards. */
  #forgotten = 0;

  constructor(bytesMax = BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** @param read asked where the text is not kept; what it throws is thrown */
  async get(sopInstanceUid: string, read: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.#texts.get(sopInstanceUid);
    if (known) {
      this.#remove(sopInstanceUid);
      this.#keep(sopInstanceUid, known);
      return known;
    }
    const before = this.#forgotten;
    const text = await read();
    if (this.#forgotten === before) this.#keep(sopInstanceUid, text);
    return text;
  }

  /** The object is gone. */
  forget(sopInstanceUid: string): Promise<void> {
    this.#forgotten += 1;
    this.#remove(sopInstanceUid);
    return Promise.resolve();
  }

  #keep(uid: string, text: Buffer): void {
    if (text.length > this.#bytesMax || this.#texts.has(uid)) return;
    this.#texts.set(uid, text);
    this.#bytes += text.length;
    for (const oldest of this.#texts.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#remove(oldest);
    }
  }

  #remove(uid: string): void {
    this.#bytes -= this.#texts.get(uid)?.length ?? 0;
    this.#texts.delete(uid);
  }
}
