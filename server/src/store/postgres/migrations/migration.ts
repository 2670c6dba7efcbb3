import type { Transaction } from '../transaction.ts';

/** One step from one shape of a store to the next. Released steps are never changed: a further one is added. */
export interface Migration {
  /** 1, 2, 3 ... without gaps. */
  number: number;
  name: string;
  /** Set when servers of the release before cannot work with the result: why, and what the operator should do. */
  breaking?: string;
  /** Runs in one transaction with the row that records it; `schema` is quoted, for use in statements. */
  run(tx: Transaction, schema: string): Promise<void>;
}

/** A statement that comes once: DDL. */
export const once = (
  text: string,
  values: unknown[] = [],
): { name: string; text: string; values: unknown[] } => ({ name: '', text, values });
