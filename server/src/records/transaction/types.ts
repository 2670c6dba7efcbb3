import type { IncomingResource } from '../prepare.ts';

/** One entry of a transaction, its URL already understood. */
export type TransactionOperation =
  | { kind: 'create'; entry: number; type: string; resource: IncomingResource; fullUrl?: string }
  | {
      kind: 'update';
      entry: number;
      type: string;
      id: string;
      resource: IncomingResource;
      fullUrl?: string;
      expectedVersion?: number;
    }
  | { kind: 'delete'; entry: number; type: string; id: string; expectedVersion?: number };

/** What became of an operation; in the order of the operations. */
export interface TransactionResult {
  type: string;
  id: string;
  created: boolean;
  /** Absent when a deletion found nothing. */
  version?: number;
  lastUpdated?: Date;
  /** The stored text; absent for deletions. */
  content?: string;
}
