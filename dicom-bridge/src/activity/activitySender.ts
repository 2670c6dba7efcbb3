import { randomUUID } from 'node:crypto';
import { ContentType, OperationOutcomeError, type MedplumClient } from '@medplum/core';
import { ServerAwayError } from '../fhir/fhirServer.ts';
import { backOffMs, type BackOffTimes } from '../retry/backOff.ts';
import type { ActivityLedger } from './activityLedger.ts';

export interface ActivitySenderParts {
  ledger: ActivityLedger;
  server: { client(): Promise<MedplumClient> };
  log: (event: string, details: Record<string, unknown>) => void;
  times?: ActivitySenderTimes;
}

export interface ActivitySenderTimes {
  /** From the first activity to the request that tells of it and what has followed. */
  gatherMs: number;
  /** While the server cannot be asked, or does not take them. */
  retry: BackOffTimes;
}

export const ACTIVITY_SENDER_TIMES: ActivitySenderTimes = {
  gatherMs: 2_000,
  retry: { firstMs: 1_000, maxMs: 60_000 },
};
/** Activities of one request. */
export const BATCH_MAX = 500;

/** Tells the server of activities, many at a time and again and again until it has them. */
export class ActivitySender {
  readonly #parts: ActivitySenderParts;
  readonly #times: ActivitySenderTimes;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #isStopped = false;
  #attempts = 0;

  constructor(parts: ActivitySenderParts) {
    this.#parts = parts;
    this.#times = parts.times ?? ACTIVITY_SENDER_TIMES;
  }

  /** There is something to tell. */
  wake(): void {
    if (this.#isStopped || this.#timer || this.#underWay) return;
    const waitMs =
      this.#attempts === 0 ? this.#times.gatherMs : backOffMs(this.#attempts - 1, this.#times.retry);
    this.#timer = setTimeout(() => this.#begin(), waitMs).unref();
  }

  /** Ends when what is under way has ended; what is not told then is told after the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#underWay;
  }

  #begin(): void {
    this.#timer = undefined;
    this.#underWay = this.#tellAll().finally(() => {
      this.#underWay = undefined;
      if (this.#parts.ledger.counts().waiting > 0) this.wake();
    });
  }

  /** Never rejects. */
  async #tellAll(): Promise<void> {
    const { ledger, log } = this.#parts;
    try {
      for (let batch = ledger.oldest(BATCH_MAX); batch.activities.length > 0 && !this.#isStopped;) {
        await this.#tell(batch.activities);
        ledger.taken(batch);
        this.#attempts = 0;
        this.#tellOfLost();
        batch = ledger.oldest(BATCH_MAX);
      }
    } catch (error) {
      this.#attempts += 1;
      if (error instanceof ServerAwayError) return;
      // Texts of the server may have values in them.
      const reason = error instanceof Error ? error.name : 'unknown';
      log('activities not recorded', { attempts: this.#attempts, reason });
    }
  }

  /** One that the server finds wrong would hold up all others for ever: it is looked for by halves, and counted as lost. */
  async #tell(activities: readonly object[]): Promise<void> {
    try {
      await this.#post(activities);
    } catch (error) {
      if (!isFoundWrong(error)) throw error;
      if (activities.length === 1) return this.#parts.ledger.lose();
      const half = Math.ceil(activities.length / 2);
      await this.#tell(activities.slice(0, half));
      await this.#tell(activities.slice(half));
    }
  }

  async #post(activities: readonly object[]): Promise<void> {
    const medplum = await this.#parts.server.client();
    const url = medplum.fhirUrl('AuditEvent', '$dicom-activity');
    await medplum.post(url, { activities }, ContentType.JSON);
  }

  /** There is room again for saying that there was none. */
  #tellOfLost(): void {
    const { ledger, log } = this.#parts;
    const count = ledger.takeLost();
    if (count === 0) return;
    log('activities lost', { count });
    const text = `${count} events of DICOM were not kept: the server took none for too long, or found them wrong`;
    ledger.add({ id: randomUUID(), atMs: Date.now(), kind: 'unrecorded', failed: true, text });
  }
}

const isFoundWrong = (error: unknown): boolean =>
  error instanceof OperationOutcomeError && error.outcome.issue[0]?.code === 'value';
