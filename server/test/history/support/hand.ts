import type { History, Operation, Seen, StoredVersion, Write } from '../checker/history.ts';

type Told = Partial<Pick<Operation, 'client' | 'outcome' | 'writes' | 'views' | 'reads'>> & {
  /** When it begins and ends; absent: after everything before. */
  at?: [invoked: number, completed: number];
};

/** A version by the marks that it has, such as `a+b`; null: a deletion. */
type Marks = string | null;

const textOf = (marks: string) => `text of ${marks}`;

/** Makes a history by hand. */
export class Hand {
  readonly #operations: Operation[] = [];
  readonly #stored = new Map<string, Map<number, StoredVersion>>();
  #moment = 0;
  #storedAtMs = 0;

  /** What became of an operation: each ends before the next begins, unless it is said otherwise. */
  did(what: string, { at, ...told }: Told): this {
    const outcome = told.outcome ?? 'acknowledged';
    const [invoked, ended] = at ?? [this.#moment + 10, this.#moment + 20];
    this.#moment = Math.max(this.#moment, invoked, ended);
    const completed = outcome === 'unknown' ? Infinity : ended;
    const base = { client: 0, writes: [], views: [], reads: [] };
    this.#operations.push({ ...base, what, ...told, invoked, completed, outcome });
    return this;
  }

  /** The versions of a resource in the end; the first version of each is stored after those of the ones before. */
  stores(key: string, ...versions: Marks[]): this {
    const all = versions.map((marks, i): [number, StoredVersion] => {
      this.#storedAtMs += 1;
      const lastUpdatedMs = this.#storedAtMs;
      const version =
        marks === null
          ? { text: undefined, marks: [], lastUpdatedMs }
          : { text: textOf(marks), marks: marks.split('+'), lastUpdatedMs };
      return [i + 1, version];
    });
    this.#stored.set(key, new Map(all));
    return this;
  }

  without(key: string, version: number): this {
    this.#stored.get(key)!.delete(version);
    return this;
  }

  history(): History {
    return { operations: this.#operations, stored: this.#stored };
  }
}

export const put = (key: string, mark: string, version?: number, more: Partial<Write> = {}): Write => ({
  key,
  does: 'put',
  mark,
  ...(version !== undefined && { version, text: textOf(mark) }),
  ...more,
});

/** @param marks what the resource has after it, its own last */
export const append = (key: string, marks: string, version?: number): Write => ({
  key,
  does: 'append',
  mark: marks.split('+').at(-1)!,
  ...(version !== undefined && { version, text: textOf(marks) }),
});

export const remove = (key: string, version?: number): Write => ({
  key,
  does: 'delete',
  ...(version !== undefined && { version }),
});

export const saw = (key: string, version: number | 'absent', marks?: string): Seen => ({
  key,
  version,
  ...(marks !== undefined && { text: textOf(marks) }),
});
