import { MISSES_MAX, SEEN_TOLD_MS, type UnitState } from './unitState.ts';

interface Known extends UnitState {
  /** Checks that were not answered since it was heard of. */
  misses: number;
  /** When its state was last told. */
  toldMs?: number;
}

/** How units are, by references to their Devices, and what of that is news. */
export class UnitStates {
  readonly #onNews: (device: string, state: UnitState) => void;
  readonly #known = new Map<string, Known>();

  constructor(onNews: (device: string, state: UnitState) => void) {
    this.#onNews = onNews;
  }

  /** It has an association with us. */
  seen(device: string, nowMs: number): void {
    const { isReachable, toldMs = -Infinity } = this.#known.get(device) ?? { isReachable: false };
    const isNews = !isReachable || nowMs - toldMs >= SEEN_TOLD_MS;
    this.#known.set(device, { isReachable: true, seenMs: nowMs, misses: 0, toldMs: isNews ? nowMs : toldMs });
    if (isNews) this.#onNews(device, { isReachable: true, seenMs: nowMs });
  }

  /** It has not answered a check. */
  missed(device: string): void {
    const { misses, ...before } = this.#known.get(device) ?? { isReachable: true, misses: 0 };
    const isReachable = before.isReachable && misses + 1 < MISSES_MAX;
    this.#known.set(device, { ...before, isReachable, misses: misses + 1 });
    if (before.isReachable && !isReachable) {
      this.#onNews(device, { isReachable, ...(before.seenMs !== undefined && { seenMs: before.seenMs }) });
    }
  }

  /** When it was last heard of; undefined: not since the bridge runs. */
  seenMs(device: string): number | undefined {
    return this.#known.get(device)?.seenMs;
  }
}
