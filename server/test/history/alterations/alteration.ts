import type { Facts } from '../checker/facts.ts';
import type { History, Operation, Seen, StoredVersion, Write } from '../checker/history.ts';
import type { Rule } from '../checker/violation.ts';

/** A way of making a good history a bad one. */
export interface Alteration {
  what: string;
  /** One of them is broken by it, at least. */
  rules: Rule[];
  /** All places at which a good history can be altered so. */
  places(facts: Facts): (() => History)[];
}

export function withOperation(history: History, from: Operation, to: Operation | undefined): History {
  const operations = history.operations.flatMap((one) => (one === from ? (to ?? []) : one));
  return { ...history, operations };
}

export function withVersion(
  { operations, stored }: History,
  key: string,
  version: number,
  to: StoredVersion | undefined,
): History {
  const versions = new Map(stored.get(key));
  if (to === undefined) versions.delete(version);
  else versions.set(version, to);
  return { operations, stored: new Map([...stored, [key, versions]]) };
}

export function withWrite(operation: Operation, from: Write, to: Write): Operation {
  return { ...operation, writes: operation.writes.map((write) => (write === from ? to : write)) };
}

export function withSeen(operation: Operation, from: Seen, to: Seen): Operation {
  const changed = (seen: Seen[]) => seen.map((one) => (one === from ? to : one));
  return { ...operation, views: operation.views.map(changed), reads: changed(operation.reads) };
}

/** A version of a resource as it would have been seen. */
export function sightOf(facts: Facts, key: string, version: number): Seen {
  const text = facts.stored(key, version)?.text;
  return { key, version, ...(text === undefined ? {} : { text }) };
}

/** A write of which its client was told. */
export type ToldWrite = Write & { key: string; version: number };

export function toldWrites({ history }: Facts): { operation: Operation; write: ToldWrite }[] {
  return history.operations.flatMap((operation) =>
    operation.outcome === 'acknowledged'
      ? operation.writes.map((write) => ({ operation, write: write as ToldWrite }))
      : [],
  );
}

/** Versions that were seen, with whoever saw them. */
export function sights({ history }: Facts): { operation: Operation; seen: Seen & { version: number } }[] {
  return history.operations.flatMap((operation) =>
    [...operation.views.flat(), ...operation.reads].flatMap((seen) =>
      seen.version === 'absent' ? [] : [{ operation, seen: seen as Seen & { version: number } }],
    ),
  );
}

/** After everything that happened. */
export const endOf = ({ operations }: History): number =>
  Math.max(...operations.flatMap(({ invoked, completed }) => (completed < Infinity ? completed : invoked))) +
  1;
