import type { Destination } from '../dimse/outgoingAssociation.ts';
import type { Peer } from '../peers/peer.ts';
import { isAnsweringEcho } from './echo.ts';
import type { UnitStates } from './unitStates.ts';

export interface UnitChecksParts {
  /** Our own. */
  aeTitle: string;
  peers: { readonly peers: readonly Peer[] };
  /** Where a peer takes associations; undefined: nowhere that is known. */
  destinationOf: (peer: Peer) => Destination | undefined;
  states: UnitStates;
  /** Between two checks; 0: there are none. */
  intervalMs: number;
}

/** Units that are asked at the same time. */
const AT_ONCE_MAX = 4;

/** Asks units whether they are there: those with a Device and a port that have not been heard of since the check before. */
export class UnitChecks {
  readonly #parts: UnitChecksParts;
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;

  constructor(parts: UnitChecksParts) {
    this.#parts = parts;
  }

  /** The first check is an interval from now. */
  start(): void {
    const { intervalMs } = this.#parts;
    if (intervalMs === 0 || this.#ending.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#underWay = this.#checkAll().finally(() => this.start());
    }, intervalMs).unref();
  }

  /** Ends when what is under way has ended. */
  async stop(): Promise<void> {
    this.#ending.abort();
    clearTimeout(this.#timer);
    await this.#underWay;
  }

  async #checkAll(): Promise<void> {
    const due = this.#due();
    const others = async (): Promise<void> => {
      for (let one = due.pop(); one && !this.#ending.signal.aborted; one = due.pop()) await this.#check(one);
    };
    await Promise.all(Array.from({ length: AT_ONCE_MAX }, others));
  }

  #due(): { device: string; destination: Destination }[] {
    const { peers, destinationOf, states, intervalMs } = this.#parts;
    const sinceMs = Date.now() - intervalMs;
    return peers.peers.flatMap((peer) => {
      const { device } = peer;
      const destination = destinationOf(peer);
      if (device === undefined || !destination || (states.seenMs(device) ?? 0) > sinceMs) return [];
      return [{ device, destination }];
    });
  }

  async #check({ device, destination }: { device: string; destination: Destination }): Promise<void> {
    const { aeTitle, states } = this.#parts;
    const isThere = await isAnsweringEcho(destination, aeTitle, this.#ending.signal);
    if (this.#ending.signal.aborted) return;
    if (isThere) states.seen(device, Date.now());
    else states.missed(device);
  }
}
