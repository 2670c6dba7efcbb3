import type { Destination, OutgoingTimes } from '../dimse/outgoingAssociation.ts';
import { reasonOf } from '../log/reason.ts';
import { backOffMs, type BackOffTimes } from '../retry/backOff.ts';
import { assess, FAILURE_REASON, type Assessment, type AssessmentParts } from './assessment.ts';
import type { Commitment, Commitments } from './commitments.ts';
import { ReportRefusedError, sendReport, type EventReport } from './eventReport.ts';
import { Pauses } from './pauses.ts';

export interface ReportParts extends AssessmentParts {
  commitments: Commitments;
  /** Our own. */
  aeTitle: string;
  /** Where reports to an AE title go; undefined: nothing is known of it now. */
  destinationOf: (aeTitle: string) => Destination | undefined;
  log: (event: string, details: Record<string, unknown>) => void;
  times?: Partial<ReportTimes>;
  outgoingTimes?: Partial<OutgoingTimes>;
}

export interface ReportTimes {
  backOff: BackOffTimes;
  /** Of all reports to a peer, while it takes none. */
  pause: BackOffTimes;
  /** An object that is not in the archive by then is reported as failed. */
  waitMsMax: number;
  /** A report that nobody has taken by then is given up. */
  giveUpMs: number;
}

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
export const REPORT_TIMES: ReportTimes = {
  backOff: { firstMs: 1_000, maxMs: 10 * MINUTE_MS },
  pause: { firstMs: 1_000, maxMs: MINUTE_MS },
  waitMsMax: 6 * HOUR_MS,
  giveUpMs: 72 * HOUR_MS,
};

/** Reports that are brought at once, each to another peer. */
const AT_ONCE = 4;

/** Tells those who asked for storage commitment, again and again until they have taken it; what is under way survives a restart. */
export class Reports {
  readonly #parts: ReportParts;
  readonly #times: ReportTimes;
  /** By AE title. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #pauses: Pauses;
  #timer: NodeJS.Timeout | undefined;
  readonly #stopping = new AbortController();

  constructor(parts: ReportParts) {
    this.#parts = parts;
    this.#times = { ...REPORT_TIMES, ...parts.times };
    this.#pauses = new Pauses(this.#times.pause);
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    const { commitments } = this.#parts;
    clearTimeout(this.#timer);
    const nowMs = Date.now();
    const notNow = [...this.#underWay.keys(), ...this.#pauses.peers(nowMs)];
    const due = commitments.due(nowMs, AT_ONCE - this.#underWay.size, notNow);
    for (const commitment of due) this.#begin(commitment);
    if (this.#underWay.size >= AT_ONCE) return; // woken when one has ended
    const begun = due.map(({ aeTitle }) => aeTitle);
    const nextMs = Math.min(
      commitments.nextMs([...notNow, ...begun]) ?? Infinity,
      this.#pauses.nextMs(nowMs) ?? Infinity,
    );
    if (nextMs < Infinity) this.#timer = setTimeout(() => this.wake(), Math.max(0, nextMs - nowMs)).unref();
  }

  /** Breaks off what is under way, for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await Promise.all(this.#underWay.values());
  }

  #begin(commitment: Commitment): void {
    const { aeTitle } = commitment;
    const report = this.#look(commitment)
      .catch((error: unknown) => this.#postpone(commitment, error))
      .catch((error: unknown) => this.#pause(commitment, error))
      .finally(() => {
        this.#underWay.delete(aeTitle);
        this.wake();
      });
    this.#underWay.set(aeTitle, report);
  }

  async #look(commitment: Commitment): Promise<void> {
    const assessment = this.#settled(commitment, await assess(this.#parts, commitment));
    if (!assessment) return this.#parts.commitments.postpone(commitment, this.#nextMs(commitment), null);
    const { aeTitle: peer } = commitment;
    try {
      await this.#report(commitment, assessment);
      this.#pauses.end(peer);
    } catch (error) {
      if (!(error instanceof ReportRefusedError)) this.#pauses.begin(peer, Date.now());
      throw error;
    }
  }

  async #report(commitment: Commitment, assessment: EventReport['assessment']): Promise<void> {
    const { commitments, destinationOf, aeTitle, outgoingTimes, log } = this.#parts;
    const { transactionUid, aeTitle: peer } = commitment;
    const destination = destinationOf(peer);
    if (!destination) throw new Error('Its host and port are not known.');
    const options = { signal: this.#stopping.signal, ...(outgoingTimes && { times: outgoingTimes }) };
    await sendReport(destination, { aeTitle, transactionUid, assessment }, options);
    commitments.remove(commitment);
    const { committed, failed } = assessment;
    log('storage commitment reported', { peer, committed: committed.length, failed: failed.length });
  }

  /** Undefined while objects are on their way into the archive; what has been for too long has failed. */
  #settled(
    { receivedMs }: Commitment,
    { committed, failed, waiting }: Assessment,
  ): EventReport['assessment'] | undefined {
    if (waiting.length === 0) return { committed, failed };
    if (Date.now() - receivedMs < this.#times.waitMsMax) return undefined;
    const late = waiting.map((one) => ({ ...one, reason: FAILURE_REASON.processingFailure }));
    return { committed, failed: [...failed, ...late] };
  }

  /** Not all of its peer's may be tried as often as they are to be given up: those whose time is over go together. */
  #postpone(commitment: Commitment, error: unknown): void {
    const { commitments, log } = this.#parts;
    const { aeTitle: peer, attempts } = commitment;
    const reason = error instanceof Error ? error.message : 'unknown';
    const givenUp = commitments.giveUp(commitment, Date.now() - this.#times.giveUpMs);
    log('storage commitment not reported', { peer, attempts: attempts + 1, reason, givenUp });
    commitments.postpone(commitment, this.#nextMs(commitment), reason);
  }

  /** The database takes nothing, not even when to try again: the report is due as before. */
  #pause({ aeTitle: peer }: Commitment, error: unknown): void {
    this.#parts.log('storage commitment not noted', { peer, reason: reasonOf(error) });
    this.#pauses.begin(peer, Date.now());
  }

  #nextMs({ attempts }: Commitment): number {
    return Date.now() + backOffMs(attempts, this.#times.backOff);
  }
}
