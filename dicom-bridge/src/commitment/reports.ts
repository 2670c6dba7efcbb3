import type { Destination, OutgoingTimes } from '../dimse/outgoingAssociation.ts';
import { backOffMs, type BackOffTimes } from '../retry/backOff.ts';
import { assess, FAILURE_REASON, type Assessment, type AssessmentParts } from './assessment.ts';
import type { Commitment, Commitments } from './commitments.ts';
import { sendReport } from './eventReport.ts';

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
  /** An object that is not in the archive by then is reported as failed. */
  waitMsMax: number;
  /** A report that nobody has taken by then is given up. */
  giveUpMs: number;
}

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
export const REPORT_TIMES: ReportTimes = {
  backOff: { firstMs: 1_000, maxMs: 10 * MINUTE_MS },
  waitMsMax: 6 * HOUR_MS,
  giveUpMs: 72 * HOUR_MS,
};

/** Reports that are brought at once, each to another peer. */
const AT_ONCE = 4;
/** Read at once, to find so many for different peers. */
const DUE_MAX = 256;

/** Tells those who asked for storage commitment, again and again until they have taken it; what is under way survives a restart. */
export class Reports {
  readonly #parts: ReportParts;
  readonly #times: ReportTimes;
  /** By AE title. */
  readonly #underWay = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  readonly #stopping = new AbortController();

  constructor(parts: ReportParts) {
    this.#parts = parts;
    this.#times = { ...REPORT_TIMES, ...parts.times };
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    const { commitments } = this.#parts;
    clearTimeout(this.#timer);
    const nowMs = Date.now();
    for (const commitment of commitments.due(nowMs, DUE_MAX)) {
      if (this.#underWay.size >= AT_ONCE) break;
      if (!this.#underWay.has(commitment.aeTitle)) this.#begin(commitment);
    }
    const nextMs = commitments.nextMs();
    if (nextMs !== undefined && nextMs > nowMs)
      this.#timer = setTimeout(() => this.wake(), nextMs - nowMs).unref();
  }

  /** Breaks off what is under way, for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await Promise.all(this.#underWay.values());
  }

  #begin(commitment: Commitment): void {
    const { aeTitle } = commitment;
    const report = this.#report(commitment)
      .catch((error: unknown) => this.#postpone(commitment, error))
      .finally(() => {
        this.#underWay.delete(aeTitle);
        this.wake();
      });
    this.#underWay.set(aeTitle, report);
  }

  async #report(commitment: Commitment): Promise<void> {
    const { commitments, destinationOf, aeTitle, outgoingTimes, log } = this.#parts;
    const { transactionUid } = commitment;
    const assessment = this.#settled(commitment, await assess(this.#parts, commitment));
    if (!assessment) return commitments.postpone(commitment, this.#nextMs(commitment), null);
    const destination = destinationOf(commitment.aeTitle);
    if (!destination) throw new Error('Its host and port are not known.');
    const options = { signal: this.#stopping.signal, ...(outgoingTimes && { times: outgoingTimes }) };
    await sendReport(destination, { aeTitle, transactionUid, assessment }, options);
    commitments.remove(commitment);
    const { committed, failed } = assessment;
    log('storage commitment reported', {
      peer: commitment.aeTitle,
      committed: committed.length,
      failed: failed.length,
    });
  }

  /** Undefined while objects are on their way into the archive; what has been for too long has failed. */
  #settled(
    { receivedMs }: Commitment,
    { committed, failed, waiting }: Assessment,
  ): Pick<Assessment, 'committed' | 'failed'> | undefined {
    if (waiting.length === 0) return { committed, failed };
    if (Date.now() - receivedMs < this.#times.waitMsMax) return undefined;
    const late = waiting.map((one) => ({ ...one, reason: FAILURE_REASON.processingFailure }));
    return { committed, failed: [...failed, ...late] };
  }

  #postpone(commitment: Commitment, error: unknown): void {
    const { commitments, log } = this.#parts;
    const { aeTitle: peer, attempts, receivedMs } = commitment;
    const reason = error instanceof Error ? error.message : 'unknown';
    const isGivenUp = Date.now() - receivedMs >= this.#times.giveUpMs;
    log('storage commitment not reported', { peer, attempts: attempts + 1, reason, isGivenUp });
    if (isGivenUp) commitments.remove(commitment);
    else commitments.postpone(commitment, this.#nextMs(commitment), reason);
  }

  #nextMs({ attempts }: Commitment): number {
    return Date.now() + backOffMs(attempts, this.#times.backOff);
  }
}
