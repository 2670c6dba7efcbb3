import type { Method } from '../resource/types.ts';

/** A place in the order of `changes`: that of the transactions, and within one that of its rows. Decimal text: both are 64 bits wide. */
export interface Position {
  xid: string;
  seq: string;
}

/** A committed write, as whoever looks through `changes` meets it. */
export interface Change {
  position: Position;
  type: string;
  id: string;
  version: number;
  method: Method;
  lastUpdated: Date;
  /** JSON text of the version; null: it is a deletion. */
  content: string | null;
  /** JSON text of the version before, where it was asked for; null: there was none, or it was a deletion. */
  previous?: string | null;
}

/** Changes in their order. */
export interface ChangePage {
  /** Those of the types that were asked for. */
  changes: Change[];
  /** The last change that was looked at, of whatever type; absent: there is none beyond the position asked from. */
  last?: Position;
  /** Whether there may be more right now. */
  isFull: boolean;
}

/** An event that a subscription is to be told of, by number. */
export interface Delivery {
  subscription: string;
  /** 1, 2, 3, ... in each subscription, without gaps. */
  number: number;
  type: string;
  id: string;
  version: number;
  method: Method;
  occurred: Date;
  /** W(aiting), D(elivered), X: given up, H(eld back: the subscriber may not see it). */
  state: DeliveryState;
  attempts: number;
  /** Why the last attempt failed, without anything of a record. */
  fault?: string;
}

export type DeliveryState = 'W' | 'D' | 'X' | 'H';

/** What a change is to a subscription that it matches. */
export interface Hit {
  subscription: string;
  change: Pick<Change, 'type' | 'id' | 'version' | 'method' | 'lastUpdated'>;
}
