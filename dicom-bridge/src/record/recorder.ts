import { setTimeout as sleep } from 'node:timers/promises';
import type { MedplumClient } from '@medplum/core';
import { isWrittenBack } from '../documents/writtenBack.ts';
import { ServerAwayError, VersionConflictError } from '../fhir/fhirServer.ts';
import type { Ledger, LedgerRow } from '../ledger/ledger.ts';
import type { StudyLedger } from '../ledger/studyLedger.ts';
import { reasonOf } from '../log/reason.ts';
import { backOffMs, type BackOffTimes } from '../retry/backOff.ts';
import type { Spool } from '../spool/spool.ts';
import type { Burst } from '../upload/burst.ts';
import { judge } from './completeness.ts';
import { DicomwebEndpoint } from './dicomwebEndpoint.ts';
import { recordStudy } from './studies.ts';

export interface RecorderParts {
  ledger: Ledger;
  studies: StudyLedger;
  spool: Pick<Spool, 'remove'>;
  server: { client(): Promise<MedplumClient> };
  /** System of the patient numbers of a sender, by its AE title; undefined: any medical record number. */
  issuerOf: (aeTitle: string) => string | undefined;
  /** Its Device, as in `Device/123`. */
  deviceOf: (aeTitle: string) => string | undefined;
  /** The last erasure of a study; undefined: it was never erased. */
  erasureOf: (studyInstanceUid: string) => string | undefined;
  log: (event: string, details: Record<string, unknown>) => void;
  /** A study without anything new for so long is finished. */
  silenceMs: number;
  /** Absent: studies are recorded while objects come. */
  burst?: Pick<Burst, 'atOnce'>;
  times?: RecorderTimes;
}

export interface RecorderTimes {
  /** Objects of a study that come within this time are recorded together. */
  gatherMs: number;
  /** While the server cannot be asked at all. */
  away: BackOffTimes;
  /** For a study that the server refuses. */
  refused: BackOffTimes;
}

export const RECORDER_TIMES: RecorderTimes = {
  gatherMs: 2_000,
  away: { firstMs: 500, maxMs: 30_000 },
  refused: { firstMs: 5_000, maxMs: 3_600_000 },
};

/** Studies that are recorded at once. */
const AT_ONCE = 2;
/** How often it is begun anew where somebody else was first; then it waits its turn. */
const TRIES = 3;

/**
 * Brings what is in the archive into the record, one ImagingStudy for each study: again and again until it is there. While the server is away all
 * wait; a study that it refuses holds up no other.
 */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #times: RecorderTimes;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #endpoint = new DicomwebEndpoint();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** Attempts since the server answered last, and when the next one may be. */
  #away = { attempts: 0, untilMs: 0 };

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#times = parts.times ?? RECORDER_TIMES;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    const nowMs = Date.now();
    if (nowMs < this.#away.untilMs) return this.#wakeAt(this.#away.untilMs);
    const { studies, burst } = this.#parts;
    const atOnce = burst?.atOnce(AT_ONCE) ?? AT_ONCE;
    if (this.#underWay.size >= atOnce) return; // woken when one has ended, or when there is room
    for (const uid of studies.due(nowMs, atOnce + this.#underWay.size)) {
      if (this.#underWay.size >= atOnce) break;
      if (!this.#underWay.has(uid)) this.#begin(uid);
    }
    const nextMs = studies.nextMs();
    if (nextMs !== undefined && nextMs > nowMs) this.#wakeAt(nextMs);
  }

  /**
   * The modality has finished a study, and tells what it has made (MPPS COMPLETED).
   *
   * @param sopInstanceUids none: it does not say
   */
  announce(studyInstanceUid: string, sopInstanceUids: readonly string[]): void {
    this.#parts.studies.announce(studyInstanceUid, sopInstanceUids, Date.now());
    this.wake();
  }

  /** Ends when a study is not being recorded as it was before. It never rejects. */
  async settled(studyInstanceUid: string): Promise<void> {
    await this.#underWay.get(studyInstanceUid);
  }

  /** Ends when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#underWay.values());
  }

  #wakeAt(atMs: number): void {
    this.#timer = setTimeout(() => this.wake(), Math.max(0, atMs - Date.now())).unref();
  }

  #begin(uid: string): void {
    const work = this.#attempt(uid)
      .catch((error: unknown) => this.#pause(error))
      .finally(() => {
        this.#underWay.delete(uid);
        this.wake();
      });
    this.#underWay.set(uid, work);
  }

  /** The database takes nothing, not even when to try again: the study is due as before. */
  async #pause(error: unknown): Promise<void> {
    this.#parts.log('study not noted', { reason: reasonOf(error) });
    await sleep(this.#times.away.firstMs);
  }

  async #attempt(uid: string): Promise<void> {
    const { studies, log } = this.#parts;
    try {
      await this.#record(uid, TRIES);
      this.#away = { attempts: 0, untilMs: 0 };
    } catch (error) {
      if (error instanceof ServerAwayError) return this.#wait();
      const { attempts } = studies.find(uid);
      const reason = reasonOf(error);
      log('study not recorded', { attempts: attempts + 1, reason });
      studies.postpone(uid, Date.now() + backOffMs(attempts, this.#times.refused), reason);
    }
  }

  async #record(uid: string, triesLeft: number): Promise<void> {
    const { server, ledger, studies, spool, issuerOf, deviceOf, erasureOf, silenceMs } = this.#parts;
    const medplum = await server.client();
    const [objects, erasure] = [ledger.ofStudy(uid), erasureOf(uid)];
    const { announced } = studies.find(uid);
    const images = objects.filter((one) => !isWrittenBack(one));
    const progress = { ...studies.outstanding(uid), objects: images, announced };
    const { completeness, quietMs } = judge(progress, Date.now(), silenceMs);
    try {
      const wasErased = erasure !== undefined;
      const hasNew = objects.some(isFresh);
      const study = { studyInstanceUid: uid, objects, completeness, wasErased, hasNew };
      const endpoint = await this.#endpoint.find(medplum);
      await recordStudy({ medplum, issuerOf, deviceOf, ...(endpoint && { endpoint }) }, study);
    } catch (error) {
      if (error instanceof VersionConflictError && triesLeft > 1) return this.#record(uid, triesLeft - 1);
      throw error;
    }
    if (erasureOf(uid) !== erasure) return; // nothing is left of what was recorded
    const isOutdated = studies.find(uid).announced?.length !== announced?.length; // a step has ended meanwhile
    const nowMs = Date.now();
    // First the study: were it the last to be noted, a crash in between would leave it arriving for ever.
    studies.recorded(uid, completeness, {
      nextMs: nowMs + this.#times.gatherMs,
      quietMs: isOutdated ? nowMs : quietMs,
    });
    const fresh = objects.filter(isFresh);
    ledger.record(fresh.map(({ sopInstanceUid }) => sopInstanceUid));
    for (const { file } of fresh) await spool.remove(file);
  }

  #wait(): void {
    const { attempts } = this.#away;
    const untilMs = Date.now() + backOffMs(attempts, this.#times.away);
    this.#away = { attempts: attempts + 1, untilMs };
  }
}

const isFresh = ({ state }: LedgerRow): boolean => state === 'archived';
