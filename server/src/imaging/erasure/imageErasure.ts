import { Pauses } from '../../background/pauses.ts';
import { OUTCOME, type AuditLog } from '../../records/trail/trail.ts';
import type { BridgeClient } from '../bridge/bridgeClient.ts';
import { BridgeError } from '../bridge/bridgeError.ts';

/** A study of a patient who was erased. */
export interface StudyToErase {
  studyInstanceUid: string;
  /** Id of the certificate of the erasure. */
  certificate: string;
  /** That have not removed its images. */
  attempts: number;
}

/** Where such studies are noted until their images are gone. */
export interface StudiesToErase {
  /** Those that are to be removed now. */
  due(limit: number): Promise<StudyToErase[]>;
  removed(study: StudyToErase): Promise<unknown>;
  /** @param fault absent: the bridge is at it */
  postpone(study: StudyToErase, pauseMs: number, fault?: string): Promise<void>;
  counts(): Promise<{ waiting: number; failing: number }>;
}

export interface ImageErasureParts {
  studies: StudiesToErase;
  bridge: Pick<BridgeClient, 'eraseStudy'>;
  audit: Pick<AuditLog, 'append'>;
  /** Told what is wrong, without patient data. */
  log: (level: 'warn', message: string) => void;
  times?: ErasureTimes;
}

export interface ErasureTimes {
  /** Before the second attempt; doubled for each further one. */
  pauseMs: number;
  pauseMsMax: number;
  /** How often is looked for what another server has noted. */
  idleMs: number;
}

export const IMAGE_ERASURE_TIMES: ErasureTimes = { pauseMs: 1_000, pauseMsMax: 60_000, idleMs: 60_000 };

/** Studies that are asked for between two looks. */
const AT_ONCE = 50;

/**
 * Has the bridge remove the images of patients who were erased (decision 0058): again and again until it has, also after a restart, and when the bridge was
 * away. To ask twice does no harm, so several servers need not agree who asks.
 */
export class ImageErasure {
  readonly #parts: ImageErasureParts;
  readonly #times: ErasureTimes;
  readonly #pauses = new Pauses();
  #running: Promise<void> | undefined;

  constructor(parts: ImageErasureParts) {
    this.#parts = parts;
    this.#times = parts.times ?? IMAGE_ERASURE_TIMES;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Some are noted. */
  wake(): void {
    this.#pauses.wake();
  }

  /** How many are noted, and of how many the last attempt failed. */
  counts(): Promise<{ waiting: number; failing: number }> {
    return this.#parts.studies.counts();
  }

  /** Ends when what is under way has ended. */
  async stop(): Promise<void> {
    this.#pauses.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#pauses.stopped) {
      let pauseMs = this.#times.idleMs;
      try {
        const due = await this.#parts.studies.due(AT_ONCE);
        if (due.length === AT_ONCE) pauseMs = 0; // there may be more of them
        for (const study of due) pauseMs = Math.min(pauseMs, await this.#attempt(study));
      } catch (error) {
        if (!this.#pauses.stopped)
          this.#parts.log('warn', `images of erased patients wait: ${(error as Error).name}`);
      }
      await this.#pauses.pause(pauseMs);
    }
  }

  /** @returns how soon something may be due again, in milliseconds */
  async #attempt(study: StudyToErase): Promise<number> {
    const { studies, bridge, log } = this.#parts;
    const { studyInstanceUid, certificate, attempts } = study;
    const pauseMs = Math.min(this.#times.pauseMs * 2 ** attempts, this.#times.pauseMsMax);
    try {
      const signal = this.#pauses.stopping;
      if ((await bridge.eraseStudy(studyInstanceUid, certificate, { signal })) === 'removing') {
        await studies.postpone(study, pauseMs);
        return pauseMs;
      }
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      log('warn', `images of an erased patient are not removed yet: ${error.message}`);
      await studies.postpone(study, pauseMs, error.message);
      return pauseMs;
    }
    await this.#record(certificate);
    await studies.removed(study);
    return this.#times.idleMs;
  }

  /** By the server itself; the certificate tells whose erasure it was. */
  #record(certificate: string): Promise<void> {
    return this.#parts.audit.append({
      recordedMs: Date.now(),
      event: 'images-erased',
      outcome: OUTCOME.success,
      agent: {},
      patients: [],
      resources: [`DocumentReference/${certificate}`],
    });
  }
}
