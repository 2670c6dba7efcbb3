import type { History, Operation } from './history.ts';

/** A version that somebody was told of, or wrote. */
export interface Observation {
  key: string;
  version: number;
  operation: Operation;
  /** Whether the operation wrote it. */
  isWrite: boolean;
}

/** All that clients were told, by resource. */
export function observations({ operations }: History): Map<string, Observation[]> {
  const all = operations.flatMap((operation) => [...written(operation), ...seen(operation)]);
  return Map.groupBy(all, ({ key }) => key);
}

function written(operation: Operation): Observation[] {
  return operation.writes.flatMap(({ key, version }) =>
    key === undefined || version === undefined ? [] : [{ key, version, operation, isWrite: true }],
  );
}

function seen(operation: Operation): Observation[] {
  return [...operation.views.flat(), ...operation.reads].flatMap(({ key, version }) =>
    version === 'absent' ? [] : [{ key, version, operation, isWrite: false }],
  );
}

/**
 * What the latest version was that somebody knew of, at a moment.
 *
 * @param all of one resource
 * @returns 0 where nobody knew of any
 */
export function knownBefore(all: readonly Observation[]): (moment: number) => number {
  const ends: { completed: number; version: number }[] = [];
  for (const { operation, version } of all.toSorted((a, b) => a.operation.completed - b.operation.completed))
    ends.push({ completed: operation.completed, version: Math.max(version, ends.at(-1)?.version ?? 0) });
  return (moment) => {
    let from = 0;
    let to = ends.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (ends[middle]!.completed < moment) from = middle + 1;
      else to = middle;
    }
    return ends[from - 1]?.version ?? 0;
  };
}
