/** Refused associations of a minute that are told one by one; of the others there is one activity that says how many there were. */
export const REFUSALS_EACH_MAX = 100;
const MINUTE_MS = 60_000;

/** Keeps who is refused again and again from filling the audit log. */
export class Refusals {
  readonly #onOthers: (count: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(onOthers: (count: number) => void) {
    this.#onOthers = onOthers;
  }

  /** @returns whether this one is told by itself */
  isTold(): boolean {
    this.#timer ??= setTimeout(() => this.end(), MINUTE_MS).unref();
    this.#count += 1;
    return this.#count <= REFUSALS_EACH_MAX;
  }

  /** The minute is over. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const others = this.#count - REFUSALS_EACH_MAX;
    this.#count = 0;
    if (others > 0) this.#onOthers(others);
  }
}
