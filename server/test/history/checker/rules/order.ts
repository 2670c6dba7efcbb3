import type { Facts } from '../facts.ts';
import { Graph } from '../graph.ts';
import { described, nameOf, type Operation, type Seen } from '../history.ts';
import type { Violation } from '../violation.ts';

/**
 * Whether the moments of all operations can stand in one order. An operation has a moment for each of its views, one for its reads
 * and one for all of its writes, in this sequence, and all of them between its invocation and its completion. Whoever sees
 * a version is after its write and before that of the next. What a transaction reads is after all that the versions which it
 * replaces came with, since it keeps those from being written when it reads; otherwise its reads may be overtaken by other
 * writes before it writes itself.
 */
export function checkOrder(facts: Facts): Violation[] {
  const order = new Order(facts);
  return [
    ...order.criteria(),
    ...order.graph.cycles().map((cycle): Violation => ({ rule: 'no-order', text: `a ring:\n  ${cycle}` })),
  ];
}

class Order {
  readonly graph = new Graph();
  readonly #facts: Facts;
  /** Moment of each version's write. */
  readonly #writes = new Map<string, number>();
  readonly #moments = new Map<Operation, number[]>();

  constructor(facts: Facts) {
    this.#facts = facts;
    const { operations } = facts.history;
    for (const operation of operations) this.#addWrites(operation);
    for (const { key, version } of facts.orphans)
      this.#writes.set(nameOf(key, version), this.graph.node(`the deletion ${nameOf(key, version)}`));
    for (const [key, version] of facts.versions()) {
      const [from, to] = [this.#write(key, version), this.#write(key, version + 1)];
      if (from !== undefined && to !== undefined)
        this.graph.edge(from, to, `wrote version ${version} of ${key}, and then wrote the next`);
    }
    for (const operation of operations) this.#addSights(operation);
    this.#addTime(operations);
  }

  #write(key: string, version: number): number | undefined {
    return this.#writes.get(nameOf(key, version));
  }

  #addWrites(operation: Operation): void {
    const moments: number[] = [];
    this.#moments.set(operation, moments);
    const made = operation.writes.flatMap((write) => this.#facts.madeBy(write) ?? []);
    if (made.length === 0) return;
    const moment = this.graph.node(`writes of ${described(operation)}`);
    moments.push(moment);
    for (const { key, version } of made) this.#writes.set(nameOf(key, version), moment);
  }

  #addSights(operation: Operation): void {
    const moments = this.#moments.get(operation)!;
    const [writes] = moments;
    const views = operation.views.map((seen) => this.#sight(operation, 'view', seen));
    const own = new Set(operation.writes.map(({ key }) => key));
    const others = operation.reads.filter(({ key }) => !own.has(key));
    const reads = operation.reads.length === 0 ? undefined : this.#sight(operation, 'reads', others);
    if (reads !== undefined) {
      for (const view of views) this.graph.edge(view, reads, 'and then');
      if (writes !== undefined) this.graph.edge(reads, writes, 'and then');
      for (const { key, version } of operation.writes.flatMap((write) => this.#facts.madeBy(write) ?? []))
        this.#edge(
          this.#write(key, version - 1),
          reads,
          `wrote version ${version - 1} of ${key}, and then replaced it`,
        );
    }
    if (writes !== undefined) for (const view of views) this.graph.edge(view, writes, 'and then');
    moments.push(...views, ...(reads === undefined ? [] : [reads]));
  }

  #sight(operation: Operation, what: string, seen: readonly Seen[]): number {
    const moment = this.graph.node(`${what} of ${described(operation)}`);
    for (const { key, version } of seen) {
      const [first, last] = version === 'absent' ? this.#absence(operation, key) : [version, version];
      this.#edge(this.#write(key, first), moment, `wrote version ${first} of ${key}, and then saw it`);
      this.#edge(
        moment,
        this.#write(key, last + 1),
        `saw version ${last} of ${key}, and then wrote the next`,
      );
    }
    return moment;
  }

  #absence(operation: Operation, key: string): [first: number, last: number] {
    const all = this.#facts.absences(key, operation);
    return [Math.min(...all), Math.max(...all)];
  }

  #edge(from: number | undefined, to: number | undefined, why: string): void {
    if (from !== undefined && to !== undefined) this.graph.edge(from, to, why);
  }

  /** What ended before another began is before it. */
  #addTime(operations: readonly Operation[]): void {
    const ended = operations.filter(({ completed }) => completed < Infinity);
    ended.sort((a, b) => a.completed - b.completed);
    const ends = ended.map(() => this.graph.node(''));
    ended.forEach((operation, i) => {
      for (const moment of this.#moments.get(operation)!)
        this.graph.edge(moment, ends[i]!, 'ended before the begin of');
      if (i > 0) this.graph.edge(ends[i - 1]!, ends[i]!, '');
    });
    const begun = operations.toSorted((a, b) => a.invoked - b.invoked);
    let last = -1;
    for (const operation of begun) {
      while (last + 1 < ended.length && ended[last + 1]!.completed < operation.invoked) last++;
      if (last < 0) continue;
      for (const moment of this.#moments.get(operation)!) this.graph.edge(ends[last]!, moment, '');
    }
  }

  /** Of what satisfies one criterion, one is deleted before the next is made. */
  criteria(): Violation[] {
    const keys = [...this.#facts.history.stored.keys()];
    const found: Violation[] = [];
    for (const [criterion, made] of Map.groupBy(keys, (key) => this.#facts.criterionOf(key))) {
      if (criterion === undefined) continue;
      const madeAt = (key: string) => this.#facts.stored(key, 1)!.lastUpdatedMs;
      made.sort((a, b) => madeAt(a) - madeAt(b));
      made.slice(1).forEach((key, i) => {
        const before = made[i]!;
        const deletion = this.#deletion(before);
        if (deletion === undefined)
          found.push({ rule: 'two-created', text: `${before} and ${key} both satisfy ${criterion}` });
        else
          this.#edge(
            this.#write(before, deletion),
            this.#write(key, 1),
            `deleted ${before}, and then ${key} was made by the same criterion`,
          );
      });
    }
    return found;
  }

  #deletion(key: string): number | undefined {
    return [...this.#facts.history.stored.get(key)!.keys()].find((version) =>
      this.#facts.isAbsent(key, version),
    );
  }
}
