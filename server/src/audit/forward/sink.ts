import type { Checkpoint } from '../../store/audit/checkpointTable.ts';
import type { PlacedRecord } from '../encode.ts';

/** Where records are sent besides the log. */
export interface Sink {
  /** Names it in the table that tells how far it is; without secrets. */
  readonly name: string;
  /** Resolves when the other side, or its network, has them. @throws whatever is in the way: they come again */
  send(records: readonly PlacedRecord[], checkpoints: readonly Checkpoint[]): Promise<void>;
  close(): Promise<void>;
}
