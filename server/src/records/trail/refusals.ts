import { OUTCOME, type AuditAgent } from '../../audit/record.ts';
import type { AuditLog } from './trail.ts';

/** Refusals of one origin within a minute that are recorded each by itself; of the rest there is one record. */
export const RECORDED_EACH_MAX = 100;
/** The same of all origins together. */
export const RECORDED_EACH_IN_ALL_MAX = 1_000;
/** Origins of which there is a record of their own about the rest; beyond that there is one for all others. */
export const ORIGINS_MAX = 1_000;
const MINUTE_MS = 60_000;

/** Where refused requests come from, as far as that is known. */
export interface RefusedOrigin {
  agent: AuditAgent;
  /** IP address. */
  address?: string | undefined;
}

interface Counted extends RefusedOrigin {
  /** How many have a record of their own. */
  recorded: number;
  /** The others, by why they were refused. */
  unrecorded: Map<string, number>;
  firstMs: number;
  lastMs: number;
}

/**
 * Keeps refused requests from filling the audit log: of an origin that sends many, each minute the first are recorded each, and the
 * rest together in one record, which says how many there were and why they were refused. Nothing was shown or done by any of them.
 */
export class Refusals {
  readonly #log: Pick<AuditLog, 'append'>;
  readonly #onLost: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #origins = new Map<string, Counted>();
  #recordedInAll = 0;

  /** @param onLost told when the log could not take a record */
  constructor(log: Pick<AuditLog, 'append'>, onLost: (error: unknown) => void) {
    this.#log = log;
    this.#onLost = onLost;
    this.#timer = setInterval(() => void this.flush(), MINUTE_MS);
    this.#timer.unref();
  }

  /** @param why for example `401` @returns whether a refusal is to be recorded by itself; else it is counted */
  isRecorded(origin: RefusedOrigin, why: string): boolean {
    const counted = this.#of(origin);
    const isRecorded = counted.recorded < RECORDED_EACH_MAX && this.#recordedInAll < RECORDED_EACH_IN_ALL_MAX;
    if (isRecorded) {
      counted.recorded += 1;
      this.#recordedInAll += 1;
    } else count(counted, why);
    return isRecorded;
  }

  /** A refusal that has no record of its own in any case. */
  counted(origin: RefusedOrigin, why: string): void {
    count(this.#of(origin), why);
  }

  /** Records what was counted, and begins anew. */
  async flush(): Promise<void> {
    const origins = [...this.#origins.values()].filter(({ unrecorded }) => unrecorded.size > 0);
    this.#origins = new Map();
    this.#recordedInAll = 0;
    await Promise.all(origins.map((one) => this.#record(one).catch(this.#onLost)));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #of({ agent, address }: RefusedOrigin): Counted {
    const key = `${agent.user ?? ''} ${agent.client ?? ''} ${address ?? ''}`;
    const known = this.#origins.get(key);
    if (known) return known;
    const isOneMore = this.#origins.size < ORIGINS_MAX;
    const own = isOneMore ? key : 'others';
    let counted = this.#origins.get(own);
    if (counted === undefined) {
      const origin = isOneMore ? { agent, address } : { agent: {} };
      counted = { ...origin, recorded: 0, unrecorded: new Map(), firstMs: 0, lastMs: 0 };
      this.#origins.set(own, counted);
    }
    return counted;
  }

  #record({ agent, address, unrecorded, firstMs, lastMs }: Counted): Promise<void> {
    const counts = [...unrecorded].map(([why, times]) => `${times} times ${why}`).join(', ');
    const from = new Date(firstMs).toISOString();
    return this.#log.append({
      recordedMs: lastMs,
      event: 'restricted-function',
      outcome: OUTCOME.seriousFailure,
      outcomeText: `refused since ${from}, without records of their own: ${counts}`,
      agent,
      ...(address !== undefined && { address }),
      patients: [],
      resources: [],
    });
  }
}

function count(counted: Counted, why: string): void {
  counted.lastMs = Date.now();
  if (counted.unrecorded.size === 0) counted.firstMs = counted.lastMs;
  counted.unrecorded.set(why, (counted.unrecorded.get(why) ?? 0) + 1);
}
