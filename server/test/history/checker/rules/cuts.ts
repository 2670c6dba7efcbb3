import type { Facts } from '../facts.ts';
import { described, nameOf, type Operation, type Seen } from '../history.ts';
import type { Violation } from '../violation.ts';

/** What is seen at one moment: all of every transaction or nothing, and what the transaction has written itself. */
export function checkCuts(facts: Facts): Violation[] {
  const cuts = new Cuts(facts);
  return facts.history.operations.flatMap((operation) => [
    ...[...operation.views, operation.reads].flatMap((seen) => torn(cuts, operation, seen)),
    ...unseen(operation),
  ]);
}

function torn(cuts: Cuts, operation: Operation, seen: readonly Seen[]): Violation[] {
  const numbered = seen.filter((one): one is Seen & { version: number } => one.version !== 'absent');
  return numbered.flatMap((a) =>
    numbered.flatMap((b): Violation[] => {
      const needed = a.key === b.key ? a.version : cuts.needed(a.key, a.version, b.key);
      if (b.version >= needed) return [];
      const text = `${nameOf(a.key, a.version)} was seen with version ${b.version} of ${b.key}, which was ${needed} then: ${described(operation)}`;
      return [{ rule: 'torn-read', text }];
    }),
  );
}

function unseen(operation: Operation): Violation[] {
  if (operation.outcome !== 'acknowledged') return [];
  return operation.reads.flatMap(({ key, version }): Violation[] => {
    const own = operation.writes.find((write) => write.key === key);
    if (own === undefined || own.version === version) return [];
    const text = `version ${version} of ${key} was read after version ${own.version} was written: ${described(operation)}`;
    return [{ rule: 'own-write-unseen', text }];
  });
}

/** What of one resource must be there when a version of another is. */
class Cuts {
  readonly #facts: Facts;
  /** By the two resources: the version of the second, by that of the first. */
  readonly #needed = new Map<string, number[]>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  needed(key: string, version: number, other: string): number {
    const pair = `${key} ${other}`;
    let needed = this.#needed.get(pair);
    if (needed === undefined) {
      needed = this.#compute(key, other);
      this.#needed.set(pair, needed);
    }
    return needed[Math.min(version, needed.length - 1)]!;
  }

  #compute(key: string, other: string): number[] {
    const needed = [0];
    const latest = Math.max(0, ...(this.#facts.history.stored.get(key)?.keys() ?? []));
    for (let version = 1; version <= latest; version++)
      needed.push(Math.max(needed[version - 1]!, this.#with(key, version, other)));
    return needed;
  }

  /** The version of another resource that the writer of one made in the same transaction; 0: none. */
  #with(key: string, version: number, other: string): number {
    const writes = this.#facts.writerOf(key, version)?.operation.writes ?? [];
    for (const write of writes) {
      const made = this.#facts.madeBy(write);
      if (made?.key === other) return made.version;
    }
    return 0;
  }
}
