import type { MedplumClient } from '@medplum/core';
import { ServerAwayError } from '../fhir/fhirServer.ts';
import { backOffMs, type BackOffTimes } from '../retry/backOff.ts';
import { recordConnection } from './unitConnection.ts';
import type { UnitState } from './unitState.ts';

export interface UnitRecorderParts {
  server: { client(): Promise<MedplumClient> };
  log: (event: string, details: Record<string, unknown>) => void;
  times?: BackOffTimes;
}

const TIMES: BackOffTimes = { firstMs: 1_000, maxMs: 60_000 };

/** Brings the states of units into the record, one after the other. Of each unit only the last one counts: a restart begins anew, with what is seen then. */
export class UnitRecorder {
  readonly #parts: UnitRecorderParts;
  readonly #times: BackOffTimes;
  readonly #waiting = new Map<string, UnitState>();
  #underWay: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempts = 0;
  #isStopped = false;

  constructor(parts: UnitRecorderParts) {
    this.#parts = parts;
    this.#times = parts.times ?? TIMES;
  }

  /** @param device reference to the unit */
  record(device: string, state: UnitState): void {
    this.#waiting.set(device, state);
    this.#wake();
  }

  /** Ends when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#underWay;
  }

  #wake(): void {
    if (this.#isStopped || this.#underWay || this.#timer) return;
    this.#underWay = this.#recordAll().finally(() => {
      this.#underWay = undefined;
      if (this.#waiting.size > 0) this.#wakeLater();
    });
  }

  #wakeLater(): void {
    if (this.#isStopped) return;
    const again = (): void => {
      this.#timer = undefined;
      this.#wake();
    };
    const waitMs = backOffMs(Math.max(0, this.#attempts - 1), this.#times);
    this.#timer = setTimeout(again, waitMs).unref();
  }

  /** Every unit that waits, once; never rejects. */
  async #recordAll(): Promise<void> {
    const { server, log } = this.#parts;
    for (const [device, state] of [...this.#waiting]) {
      if (this.#isStopped) return;
      try {
        await recordConnection(await server.client(), device, state);
        if (this.#waiting.get(device) === state) this.#waiting.delete(device);
        this.#attempts = 0;
      } catch (error) {
        this.#attempts += 1;
        if (error instanceof ServerAwayError) return; // so it is for all
        log('unit not recorded', { device, reason: error instanceof Error ? error.name : 'unknown' });
      }
    }
  }
}
