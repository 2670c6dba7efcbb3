import { nameOf, type History, type Operation, type StoredVersion, type Write } from './history.ts';
import { knownBefore, observations, type Observation } from './observations.ts';

export interface Placement {
  operation: Operation;
  write: Write;
}

/** A version by its resource and number. */
export interface Made {
  key: string;
  version: number;
}

/** A history, with who wrote what worked out. */
export class Facts {
  readonly history: History;
  readonly observed: ReadonlyMap<string, readonly Observation[]>;
  /** By mark. */
  readonly marked: ReadonlyMap<string, Placement>;
  /** Deletions that nobody was told of. */
  readonly orphans: readonly Made[];
  readonly #writers = new Map<string, Placement>();
  readonly #made = new Map<Write, Made>();
  readonly #known = new Map<string, (moment: number) => number>();

  constructor(history: History) {
    this.history = history;
    this.observed = observations(history);
    const placements = history.operations.flatMap((operation) =>
      operation.writes.map((write): Placement => ({ operation, write })),
    );
    this.marked = new Map(
      placements.flatMap((placement) =>
        placement.write.mark === undefined ? [] : [[placement.write.mark, placement]],
      ),
    );
    for (const placement of placements) this.#placeTold(placement);
    for (const [key, version] of this.versions()) this.#placeStored(key, version);
    this.orphans = [...this.versions()].flatMap(([key, version, { text }]) =>
      text === undefined && this.writerOf(key, version) === undefined ? [{ key, version }] : [],
    );
  }

  /** What was acknowledged was written where the client was told. */
  #placeTold(placement: Placement): void {
    const { key, version, does } = placement.write;
    if (placement.operation.outcome !== 'acknowledged') return;
    if (key === undefined || version === undefined)
      throw new Error(`an acknowledged write has no version: ${placement.operation.what}`);
    this.#made.set(placement.write, { key, version });
    if (does === 'delete') this.#writers.set(nameOf(key, version), placement);
  }

  /** Of what is there, the mark tells who wrote it. */
  #placeStored(key: string, version: number): void {
    const { text, marks } = this.stored(key, version)!;
    const placement = text === undefined ? undefined : this.marked.get(marks.at(-1) ?? '');
    if (placement === undefined) return;
    this.#writers.set(nameOf(key, version), placement);
    if (!this.#made.has(placement.write)) this.#made.set(placement.write, { key, version });
  }

  /** Every stored version. */
  *versions(): Generator<[key: string, version: number, stored: StoredVersion]> {
    for (const [key, versions] of this.history.stored) {
      for (const [version, stored] of versions) yield [key, version, stored];
    }
  }

  stored(key: string, version: number): StoredVersion | undefined {
    return this.history.stored.get(key)?.get(version);
  }

  /** Whether a resource is not there at a version; true of 0. */
  isAbsent(key: string, version: number): boolean {
    const stored = this.stored(key, version);
    return version === 0 || (stored !== undefined && stored.text === undefined);
  }

  /** The latest version that somebody knew of at a moment; 0: nobody knew of any. */
  known(key: string, moment: number): number {
    let known = this.#known.get(key);
    if (known === undefined) {
      known = knownBefore(this.observed.get(key) ?? []);
      this.#known.set(key, known);
    }
    return known(moment);
  }

  /** The deletions after which an operation may have found a resource absent; 0: before it was made. */
  absences(key: string, { invoked, completed }: Operation): number[] {
    const known = this.known(key, invoked);
    const versions = [0, ...(this.history.stored.get(key)?.keys() ?? [])];
    return versions.filter((version) => {
      const writer = this.writerOf(key, version);
      return version >= known && this.isAbsent(key, version) && (writer?.operation.invoked ?? 0) < completed;
    });
  }

  /** Who wrote a version; undefined where it cannot be told. */
  writerOf(key: string, version: number): Placement | undefined {
    return this.#writers.get(nameOf(key, version));
  }

  /** The version that a write made; undefined where it made none, as far as can be told. */
  madeBy(write: Write): Made | undefined {
    return this.#made.get(write);
  }

  /** Requests of unknown outcome that may have made a deletion of which nobody was told. */
  mayHaveDeleted({ key, version }: Made): Placement[] {
    const knownAt = Math.min(
      ...(this.observed.get(key) ?? [])
        .filter((one) => one.version >= version)
        .map(({ operation }) => operation.completed),
    );
    return this.history.operations
      .filter(({ outcome, invoked }) => outcome === 'unknown' && invoked < knownAt)
      .flatMap((operation) =>
        operation.writes
          .filter((write) => write.does === 'delete' && this.#mayMean(write, key))
          .map((write) => ({ operation, write })),
      );
  }

  /** False where an operation is known to have written nothing: one of its marks is nowhere. */
  mayHaveHappened({ writes }: Operation): boolean {
    return writes.every(
      (write) => write.mark === undefined || write.isOptional || this.madeBy(write) !== undefined,
    );
  }

  #mayMean(write: Write, key: string): boolean {
    if (write.key !== undefined) return write.key === key;
    return write.criterion !== undefined && write.criterion === this.criterionOf(key);
  }

  /** The criterion that a resource was made under. */
  criterionOf(key: string): string | undefined {
    return this.writerOf(key, 1)?.write.criterion;
  }
}
