import type { Issue } from '../../fhir/outcome.ts';
import type { LineOutcome } from './line.ts';

/** Lines of a file that are being stored at once: what the writer gathers its statements from. */
const LINES_IN_FLIGHT_MAX = 400;
/** Bytes of these, unless there is one alone: parsed, they take many times that. */
const BYTES_IN_FLIGHT_MAX = 8 * 2 ** 20;
/** Lines that are dealt with before that is noted. */
const SAVE_LINES = 1_000;
/** No line is begun that is so far behind the last one that is noted: after a crash, it is known which ones may be stored. */
export const LINES_AHEAD_MAX = 5_000;

/** A line that was refused, and why. */
export interface LineFault {
  number: number;
  issues: readonly Issue[];
}

/** How far a file is. */
export interface FileState {
  /** All lines up to this one are dealt with. */
  lines: number;
  stored: number;
  /** Lines that were refused, and the file itself if it could not be read to its end. */
  faults: number;
}

interface Slot {
  number: number;
  outcome?: LineOutcome;
}

/** The lines of a file that are under way: many at once, noted in their order. */
export class LineWindow {
  readonly #state: FileState;
  readonly #save: (faults: LineFault[]) => Promise<void>;
  /** In the order of the file; the first is never dealt with. */
  readonly #slots: Slot[] = [];
  readonly #ids = new Map<string, Promise<unknown>>();
  #faults: LineFault[] = [];
  #inFlight = 0;
  #bytes = 0;
  #saved: number;
  #saving: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  /**
   * @param state counted up as lines are dealt with
   * @param save makes the state durable, with the faults that belong to it
   */
  constructor(state: FileState, save: (faults: LineFault[]) => Promise<void>) {
    this.#state = state;
    this.#save = save;
    this.#saved = state.lines;
  }

  /**
   * Resolves when a line can begin; two of one resource are stored one after the other.
   *
   * @throws what kept another line from being dealt with
   */
  async room(number: number, bytes = 0, id?: string): Promise<void> {
    while (this.#isFull(number, bytes)) await this.#changed.promise;
    for (let other; id !== undefined && (other = this.#ids.get(id)) !== undefined;) await other;
    this.#throwFailure();
  }

  /** A line that begins; `work` rejects only when all must end. */
  start(number: number, bytes: number, id: string, work: () => Promise<LineOutcome>): void {
    const slot: Slot = { number };
    this.#slots.push(slot);
    this.#inFlight++;
    this.#bytes += bytes;
    const done = work()
      .then(
        (outcome) => this.#settle(slot, outcome),
        (error: unknown) => this.#fail(error),
      )
      .finally(() => {
        this.#inFlight--;
        this.#bytes -= bytes;
        this.#ids.delete(id);
        this.#tell();
      });
    this.#ids.set(id, done);
  }

  /** A line that needs no work. */
  note(number: number, outcome: LineOutcome): void {
    const slot: Slot = { number };
    this.#slots.push(slot);
    this.#settle(slot, outcome);
  }

  /** Waits for all that is under way, and notes it. @throws what kept a line from being dealt with */
  async end(): Promise<void> {
    while (this.#inFlight > 0) await this.#changed.promise;
    await this.#saving;
    if (this.#state.lines > this.#saved) await this.#noteDown();
    this.#throwFailure();
  }

  #isFull(number: number, bytes: number): boolean {
    this.#throwFailure();
    if (number > this.#saved + LINES_AHEAD_MAX || this.#inFlight >= LINES_IN_FLIGHT_MAX) return true;
    return this.#inFlight > 0 && this.#bytes + bytes > BYTES_IN_FLIGHT_MAX;
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #settle(slot: Slot, outcome: LineOutcome): void {
    slot.outcome = outcome;
    while (this.#slots[0]?.outcome !== undefined) this.#count(this.#slots.shift()!);
    this.#saveIfDue();
  }

  #count({ number, outcome }: Slot): void {
    this.#state.lines = number;
    if (outcome === 'stored') this.#state.stored++;
    else if (outcome !== undefined && outcome !== 'blank') {
      this.#state.faults++;
      this.#faults.push({ number, issues: outcome });
    }
  }

  #saveIfDue(): void {
    if (this.#saving !== undefined || this.#state.lines - this.#saved < SAVE_LINES) return;
    this.#saving = this.#noteDown()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#saving = undefined;
        this.#tell();
      });
  }

  async #noteDown(): Promise<void> {
    const { lines } = this.#state;
    const faults = this.#faults;
    this.#faults = [];
    try {
      await this.#save(faults);
    } catch (error) {
      this.#faults.unshift(...faults); // for the next time, if there is one
      throw error;
    }
    this.#saved = lines;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
