import { setTimeout as sleep } from 'node:timers/promises';
import type { MedplumClient } from '@medplum/core';
import { ServerAwayError } from '../fhir/fhirServer.ts';
import { reasonOf } from '../log/reason.ts';
import { backOffMs, type BackOffTimes } from '../retry/backOff.ts';
import { recordStep } from './recordStep.ts';
import type { PendingStep, StepLedger } from './stepLedger.ts';

export interface StepRecorderParts {
  steps: StepLedger;
  server: { client(): Promise<MedplumClient> };
  /** System of the patient numbers of a sender, by its AE title; undefined: any medical record number. */
  issuerOf: (aeTitle: string) => string | undefined;
  log: (event: string, details: Record<string, unknown>) => void;
  times?: StepRecorderTimes;
}

export interface StepRecorderTimes {
  /** While the server cannot be asked at all. */
  away: BackOffTimes;
  /** For a step that the server refuses. */
  refused: BackOffTimes;
}

export const STEP_RECORDER_TIMES: StepRecorderTimes = {
  away: { firstMs: 500, maxMs: 30_000 },
  refused: { firstMs: 1_000, maxMs: 3_600_000 },
};

/** Brings steps into the record, one after the other and again and again until it has them; one that the server refuses holds up no other. */
export class StepRecorder {
  readonly #parts: StepRecorderParts;
  readonly #times: StepRecorderTimes;
  #work: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** Attempts since the server answered last, and when the next one may be. */
  #away = { attempts: 0, untilMs: 0 };

  constructor(parts: StepRecorderParts) {
    this.#parts = parts;
    this.#times = parts.times ?? STEP_RECORDER_TIMES;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#isStopped || this.#work) return; // who is at work looks again before it ends
    clearTimeout(this.#timer);
    this.#work = this.#recordAll()
      .catch((error: unknown) => this.#pause(error))
      .finally(() => {
        this.#work = undefined;
        this.#wakeLater();
      });
  }

  /** Ends when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#work;
  }

  #wakeLater(): void {
    const nextMs = this.#parts.steps.nextMs();
    if (this.#isStopped || nextMs === undefined) return;
    const atMs = Math.max(nextMs, this.#away.untilMs);
    this.#timer = setTimeout(() => this.wake(), Math.max(0, atMs - Date.now())).unref();
  }

  /** The database takes nothing, not even when to try again: the step is due as before. */
  async #pause(error: unknown): Promise<void> {
    this.#parts.log('performed step not noted', { reason: reasonOf(error) });
    await sleep(this.#times.away.firstMs);
  }

  async #recordAll(): Promise<void> {
    while (!this.#isStopped && Date.now() >= this.#away.untilMs) {
      const pending = this.#parts.steps.due(Date.now());
      if (!pending) return;
      await this.#attempt(pending);
    }
  }

  async #attempt(pending: PendingStep): Promise<void> {
    const { steps, server, issuerOf, log } = this.#parts;
    try {
      await recordStep(await server.client(), pending.step, issuerOf(pending.step.sourceAeTitle));
      steps.recorded(pending);
      this.#away = { attempts: 0, untilMs: 0 };
    } catch (error) {
      if (error instanceof ServerAwayError) return this.#wait();
      // Texts of the server may have values in them.
      const reason = error instanceof Error ? error.name : 'unknown';
      log('performed step not recorded', { attempts: pending.attempts + 1, reason });
      steps.postpone(pending, Date.now() + backOffMs(pending.attempts, this.#times.refused), reason);
    }
  }

  #wait(): void {
    const { attempts } = this.#away;
    this.#away = { attempts: attempts + 1, untilMs: Date.now() + backOffMs(attempts, this.#times.away) };
  }
}
