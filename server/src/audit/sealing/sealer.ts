import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy } from '../../fhir/outcome.ts';
import { Pauses } from '../../background/pauses.ts';
import { reasonOf, type Log } from '../../store/postgres/log.ts';
import type { Transaction } from '../../store/postgres/database.ts';
import type { AuditTable } from '../../store/audit/auditTable.ts';
import type { Checkpoint, CheckpointTable, Mark } from '../../store/audit/checkpointTable.ts';
import { NO_CHAIN, RangeHash, chainHash } from './canonical.ts';
import type { CheckpointCopies } from './copies.ts';
import type { SigningKey } from './signingKey.ts';

/** How often what came is sealed. What is younger than about twice that is not protected yet. */
const SEAL_INTERVAL_MS = 1_000;
/** How often it is looked whether the transactions are over that hold up the end. */
const SETTLE_POLL_MS = 20;
/** Records of one checkpoint. */
export const RANGE_RECORDS_MAX = 10_000;
/** Of those so many are hashed at a time. */
const PAGE_RECORDS = RANGE_RECORDS_MAX / 2;

export interface SealerOptions {
  table: AuditTable;
  checkpoints: CheckpointTable;
  key: SigningKey;
  copies: CheckpointCopies;
  log: Log;
  /** Told of each new copy. */
  onCopied?: (checkpoints: readonly Checkpoint[]) => void;
  intervalMs?: number;
}

/**
 * Seals the log: every record up to a place, before which nothing can appear any more, goes into a hash chain whose links are signed and
 * copied outside the database. One process at a time seals; each copies.
 */
export class Sealer {
  readonly #options: SealerOptions;
  readonly #pauses = new Pauses();
  #marks: Mark[] = [];
  #running: Promise<void> | undefined;
  #failed = false;

  constructor(options: SealerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#pauses.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#pauses.stopped) {
      try {
        await this.seal();
        this.#failed = false;
      } catch (error) {
        if (!this.#failed)
          this.#options.log(
            isBusy(error) ? 'warn' : 'error',
            `sealing the audit log fails: ${reasonOf(error)}`,
          );
        this.#failed = true;
      }
      await this.#pauses.pause(this.#options.intervalMs ?? SEAL_INTERVAL_MS);
    }
  }

  /** Seals and copies what can be by now. @returns the place up to which nothing can appear any more */
  async seal(): Promise<number> {
    const place = await this.#settled();
    while (await this.#sealRange(place));
    await this.#copy();
    return place;
  }

  /** The same, again and again until all that is there now is sealed, but not for longer than this: other transactions may be running. */
  async sealToEnd(withinMs: number): Promise<void> {
    const { place } = await this.#options.checkpoints.mark();
    const endMs = performance.now() + withinMs;
    while ((await this.seal()) < place && performance.now() < endMs) await sleep(SETTLE_POLL_MS);
  }

  /** The last place that was looked at before all transactions that are still running. */
  async #settled(): Promise<number> {
    const { checkpoints } = this.#options;
    this.#marks.push(await checkpoints.mark());
    let place = 0;
    for (let mark = this.#marks[0]; mark && (await checkpoints.isPast(mark)); mark = this.#marks[0]) {
      place = mark.place;
      // By itself, not as the first: another call may have taken it away meanwhile.
      this.#marks = this.#marks.filter((one) => one !== mark);
    }
    // While a transaction takes long, a mark in between is worth no more than the last one.
    if (this.#marks.length > 2) this.#marks.splice(1, this.#marks.length - 2);
    return place;
  }

  /** @returns whether there may be more */
  async #sealRange(place: number): Promise<boolean> {
    const { checkpoints } = this.#options;
    let isFull = false;
    await checkpoints.alone(async (tx) => {
      isFull = await this.#addCheckpoint(tx, await checkpoints.latest(tx), place);
    });
    return isFull;
  }

  async #addCheckpoint(tx: Transaction, before: Checkpoint | undefined, place: number): Promise<boolean> {
    const { checkpoints, key, table } = this.#options;
    const range = new RangeHash();
    let last = before?.last ?? 0;
    for await (const page of table.hashes(last, place, PAGE_RECORDS)) {
      range.addAll(page.places, page.hashes);
      last = page.last;
      if (range.records === RANGE_RECORDS_MAX) break;
    }
    if (range.records === 0) return false;
    const facts = {
      number: (before?.number ?? 0) + 1,
      last,
      records: range.records,
      sealedMs: Date.now(),
      leaves: range.leaves(),
      key: key.id,
    };
    const chain = chainHash(before?.chain ?? NO_CHAIN, facts, range.digest());
    await checkpoints.add(tx, { ...facts, chain, signature: key.sign(chain) });
    return range.records === RANGE_RECORDS_MAX;
  }

  async #copy(): Promise<void> {
    const { checkpoints, copies, onCopied } = this.#options;
    for await (const page of checkpoints.after(copies.last)) {
      copies.add(page);
      onCopied?.(page);
    }
  }
}
