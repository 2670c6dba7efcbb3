import type { Context } from '../evaluate/context.ts';
import type { Query } from '../queries/query.ts';
import { kindsOf } from './kinds.ts';

/** Counts how often each kind of search was asked, and how often it found something. */
export interface Coverage {
  add(context: Context, query: Query, found: number): void;
  /** Queries that were added. */
  asked(): number;
  /** Kinds of a list that were asked, or found something, less often than they should. */
  rare(kinds: readonly string[], askedMin: number, foundMin: number): string[];
  /** A line for each kind. */
  table(): string;
}

export function createCoverage(): Coverage {
  const counts = new Map<string, { asked: number; found: number }>();
  let asked = 0;
  const countOf = (kind: string) => counts.get(kind) ?? { asked: 0, found: 0 };
  return {
    asked: () => asked,
    add(context, query, found) {
      asked++;
      for (const kind of kindsOf(context, query)) {
        const before = countOf(kind);
        counts.set(kind, { asked: before.asked + 1, found: before.found + (found > 0 ? 1 : 0) });
      }
    },
    rare: (kinds, askedMin, foundMin) =>
      kinds.flatMap((kind) => {
        const { asked, found } = countOf(kind);
        return asked < askedMin || found < foundMin ? [`${kind}: asked ${asked}, found ${found}`] : [];
      }),
    table: () =>
      [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(
          ([kind, { asked, found }]) => `${String(asked).padStart(6)} ${String(found).padStart(6)}  ${kind}`,
        )
        .join('\n'),
  };
}
