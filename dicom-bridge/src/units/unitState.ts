/** Whether a unit can be reached, and when it was last heard of. */
export interface UnitState {
  isReachable: boolean;
  /** Milliseconds since 1970; absent: not since the bridge runs. */
  seenMs?: number;
}

/** A unit that goes on being heard of is told of again after so long. */
export const SEEN_TOLD_MS = 300_000;
/** Checks without an answer, one after the other, until a unit is called unreachable: one may fall into a moment without a network. */
export const MISSES_MAX = 2;
