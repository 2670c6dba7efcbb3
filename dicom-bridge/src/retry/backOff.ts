export interface BackOffTimes {
  /** Before the second attempt; doubled for each further one. */
  firstMs: number;
  maxMs: number;
}

/** How long to wait after so many failed attempts, beginning with 0. Jitter keeps those that failed together from being tried together. */
export const backOffMs = (attempts: number, { firstMs, maxMs }: BackOffTimes): number =>
  Math.ceil(Math.min(maxMs, firstMs * 2 ** attempts) * (0.5 + Math.random() / 2));
