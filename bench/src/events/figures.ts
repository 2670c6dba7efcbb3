/** Commit to receiver, of one Subscription by rest-hook with the resource as payload. */
export interface Throughput {
  subscriptions: number;
  events: number;
  eventsPerSecond: number;
}

/** Where so many events a second are written. */
export interface Delay {
  perSecond: number;
  events: number;
  p50Ms: number;
  p99Ms: number;
}

/** Creates beside Subscriptions that do not ask for them, held against a server that has none. */
export interface WritesBeside {
  subscriptions: number;
  requestsPerSecond: number;
  /** Median of the rounds' ratios. */
  ratio: number;
}

/** Changes that were written while nobody looked at them. */
export interface Backlog {
  changes: number;
  changesPerSecond: number;
  /** What an hour at 100 writes a second would take by that. */
  hourSeconds: number;
}

export interface EventFigures {
  throughput: Throughput[];
  delay: Delay;
  writes: WritesBeside[];
  backlog: Backlog;
}

/** To be reached: WritesBeside.ratio. */
export const WRITES_RATIO_TARGET = 0.85;
/** Writes of a second in an hour's backlog. */
export const BACKLOG_PER_SECOND = 100;
