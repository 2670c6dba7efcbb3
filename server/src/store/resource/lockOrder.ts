import type { Write } from './types.ts';

/** Rows of one statement of a transaction at the most: some of its joins compare each row with each. */
const TRANSACTION_BATCH_ROWS_MAX = 1_000;

/** Writes of one type and kind that one statement takes. */
export interface WriteGroup {
  kind: 'C' | 'P';
  /** Of the writes, 0-based. */
  positions: number[];
}

/** Types in alphabetical order, then ids, new resources last: concurrent transactions lock in the same order. */
export function inLockOrder(writes: readonly Write[]): WriteGroup[] {
  const groups = new Map<string, WriteGroup>();
  writes.forEach((write, position) => {
    const kind = write.method === 'C' ? 'C' : 'P';
    const name = `${kind === 'C' ? 1 : 0}${write.type}`;
    const group = groups.get(name) ?? { kind, positions: [] };
    group.positions.push(position);
    groups.set(name, group);
  });
  const byName = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return byName.flatMap(([, group]) => chunks(writes, group));
}

/** Parts of a group that one statement takes. */
function chunks(writes: readonly Write[], { kind, positions }: WriteGroup): WriteGroup[] {
  if (positions.length <= TRANSACTION_BATCH_ROWS_MAX) return [{ kind, positions }];
  const ordered = positions.toSorted((a, b) => (writes[a]!.id < writes[b]!.id ? -1 : 1));
  const parts: WriteGroup[] = [];
  for (let at = 0; at < ordered.length; at += TRANSACTION_BATCH_ROWS_MAX) {
    parts.push({ kind, positions: ordered.slice(at, at + TRANSACTION_BATCH_ROWS_MAX) });
  }
  return parts;
}
