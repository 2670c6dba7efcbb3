import type { Requester } from './services.ts';

/** A query that was answered, in full or not. */
export interface AnsweredQuery {
  sopClassUid: string;
  matches: number;
  /** Of the last response. */
  status: number;
}

/** Told of what the audit log is to know of associations. */
export interface Witness {
  accepted(peer: Requester): void;
  /** @param peer its AE title may be anybody's, or none @param why without patient data */
  refused(peer: Partial<Requester>, why: string): void;
  queried(peer: Requester, query: AnsweredQuery): void;
  /** An object was answered Success. */
  stored(peer: Requester, sopInstanceUid: string): void;
}

export const NO_WITNESS: Witness = {
  accepted: () => undefined,
  refused: () => undefined,
  queried: () => undefined,
  stored: () => undefined,
};
