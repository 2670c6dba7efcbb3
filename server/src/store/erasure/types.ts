import type { QueryResult, Statement } from '../postgres/database.ts';

/** Runs a statement: by itself, or in an open transaction. */
export type Run = (statement: Statement) => Promise<QueryResult>;

/** A resource that has to do with whom is erased. */
export interface FoundRow {
  id: string;
  rid: string;
  version: number;
  /** The current version; null: a deletion. */
  content: string | null;
  /** The last version that was no deletion; null where the current one is none. */
  lastContent: string | null;
}

export const once = (text: string, values: unknown[] = []): Statement => ({ name: '', text, values });

/** Parts of a list of at most so many items. */
export function parts<T>(items: readonly T[], size: number): T[][] {
  const cut: T[][] = [];
  for (let at = 0; at < items.length; at += size) cut.push(items.slice(at, at + size));
  return cut;
}
