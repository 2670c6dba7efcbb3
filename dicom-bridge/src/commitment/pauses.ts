import { backOffMs, type BackOffTimes } from '../retry/backOff.ts';

/** Peers that take no report now: one attempt for all that they asked, and not one for each, which would hold up the reports of others. */
export class Pauses {
  readonly #times: BackOffTimes;
  readonly #paused = new Map<string, { attempts: number; untilMs: number }>();

  constructor(times: BackOffTimes) {
    this.#times = times;
  }

  /** A peer has failed to take a report, once more. */
  begin(aeTitle: string, nowMs: number): void {
    const attempts = this.#paused.get(aeTitle)?.attempts ?? 0;
    const untilMs = nowMs + backOffMs(attempts, this.#times);
    this.#paused.set(aeTitle, { attempts: attempts + 1, untilMs });
  }

  /** It has taken one. */
  end(aeTitle: string): void {
    this.#paused.delete(aeTitle);
  }

  /** AE titles of those that are left alone. */
  peers(nowMs: number): string[] {
    return [...this.#paused].filter(([, { untilMs }]) => untilMs > nowMs).map(([aeTitle]) => aeTitle);
  }

  /** When the first of them may be tried again; undefined where there is none. */
  nextMs(nowMs: number): number | undefined {
    const times = [...this.#paused.values()].map(({ untilMs }) => untilMs).filter((ms) => ms > nowMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }
}
