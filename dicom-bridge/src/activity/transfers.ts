import type { Requester } from '../dimse/services.ts';

/** Objects of one study that one peer sends. */
export interface Transfer {
  peer: Requester;
  studyInstanceUid: string;
  instances: number;
}

/** A study is one transfer for so long, however many associations it takes. */
export const TRANSFER_MS = 30_000;
/** At the same time; the oldest one ends where there are more. */
export const TRANSFERS_MAX = 1_000;

/** Makes of objects that come one by one what the audit log is to know: when a study has begun to come, and how many came. */
export class Transfers {
  readonly #onBegun: (transfer: Transfer) => void;
  readonly #onEnded: (transfer: Transfer) => void;
  readonly #durationMs: number;
  /** In the order in which they began. */
  readonly #open = new Map<string, { transfer: Transfer; timer: NodeJS.Timeout }>();

  constructor(
    onBegun: (transfer: Transfer) => void,
    onEnded: (transfer: Transfer) => void,
    durationMs = TRANSFER_MS,
  ) {
    this.#onBegun = onBegun;
    this.#onEnded = onEnded;
    this.#durationMs = durationMs;
  }

  /** An object has come. */
  received(peer: Requester, studyInstanceUid: string): void {
    const key = `${peer.aeTitle} ${peer.address} ${studyInstanceUid}`;
    const { transfer } = this.#open.get(key) ?? this.#begin(key, { peer, studyInstanceUid, instances: 0 });
    transfer.instances += 1;
  }

  /** Ends all of them. */
  end(): void {
    for (const key of [...this.#open.keys()]) this.#end(key);
  }

  #begin(key: string, transfer: Transfer) {
    const [oldest] = this.#open.keys();
    if (this.#open.size >= TRANSFERS_MAX && oldest !== undefined) this.#end(oldest);
    const timer = setTimeout(() => this.#end(key), this.#durationMs).unref();
    const begun = { transfer, timer };
    this.#open.set(key, begun);
    this.#onBegun(transfer);
    return begun;
  }

  #end(key: string): void {
    const { transfer, timer } = this.#open.get(key)!;
    clearTimeout(timer);
    this.#open.delete(key);
    this.#onEnded(transfer);
  }
}
