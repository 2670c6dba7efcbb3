/** Failures in a row, of whatever subscription, after which an endpoint is left alone. */
export const BREAKER_FAILURES = 5;
/** For how long, in milliseconds; then one attempt shows whether it is back. */
export const BREAKER_OPEN_MS = 15_000;
/** Endpoints that are remembered as failing; beyond that those go that failed first. */
const ENDPOINTS_MAX = 10_000;

interface Endpoint {
  failures: number;
  openUntilMs: number;
}

/** Keeps many subscriptions from knocking at one endpoint that does not answer. */
export class Breakers {
  readonly #now: () => number;
  readonly #failing = new Map<string, Endpoint>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How long an endpoint is to be left alone; 0: it may be tried. The one who asks first after a rest is the one who tries. */
  restMs(origin: string): number {
    const endpoint = this.#failing.get(origin);
    if (!endpoint || endpoint.failures < BREAKER_FAILURES) return 0;
    const restMs = endpoint.openUntilMs - this.#now();
    if (restMs > 0) return restMs;
    endpoint.openUntilMs = this.#now() + BREAKER_OPEN_MS;
    return 0;
  }

  succeeded(origin: string): void {
    this.#failing.delete(origin);
  }

  failed(origin: string): void {
    const endpoint = this.#failing.get(origin) ?? { failures: 0, openUntilMs: 0 };
    endpoint.failures++;
    endpoint.openUntilMs = this.#now() + BREAKER_OPEN_MS;
    this.#failing.set(origin, endpoint);
    if (this.#failing.size > ENDPOINTS_MAX) this.#failing.delete(this.#failing.keys().next().value!);
  }
}
