import { DECIDING_TYPES } from './identity/revocation.ts';

const TYPES: ReadonlySet<string> = new Set(DECIDING_TYPES);

/** Tells when resources that decide who may do what have changed, here or on another server of the store. */
export class Administration {
  readonly #listeners: (() => void)[] = [];
  #revision = 0;

  /** Counts up with every change: what was made of the resources before is out of date. */
  get revision(): number {
    return this.#revision;
  }

  /** To be called after a write, with its type: whoever is answered afterwards is judged by what was written. */
  changed(type: string): void {
    if (TYPES.has(type)) this.heard();
  }

  /** Some server of the store wrote one, or may have without our hearing of it. */
  heard(): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }

  onChanged(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
