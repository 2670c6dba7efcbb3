import {
  DIMSE_STATUS,
  DimseError,
  type DimseAnswer,
  type DimseContext,
  type DimseMessage,
  type DimseService,
  type Requester,
} from '../dimse/services.ts';
import type { LocalClock } from '../fhir/localTime.ts';
import { isUid, newUid } from '../identifiers/uid.ts';
import { readChange, readStep, type PerformedStep } from './performedStep.ts';
import type { StepLedger } from './stepLedger.ts';

/** Modality Performed Procedure Step. */
export const PERFORMED_STEP = '1.2.840.10008.3.1.2.3.3';
/** Error ID: the step has come to its end (PS3.4 section F.7.2.2.3). */
const MAY_NOT_BE_UPDATED = 0xa710;

export interface MppsParts {
  steps: StepLedger;
  peers: { mayUse(aeTitle: string, service: 'mpps'): boolean };
  clock: LocalClock;
  /** A step was noted. */
  onNoted: () => void;
  /** A modality has finished a study, and tells what it has made. */
  announce: (studyInstanceUid: string, sopInstanceUids: readonly string[]) => void;
}

/** Performed procedure steps (PS3.4 annex F). What was answered Success is noted, whatever the record is doing. */
export class MppsService implements DimseService {
  readonly sopClassUids = [PERFORMED_STEP];
  readonly #parts: MppsParts;

  constructor(parts: MppsParts) {
    this.#parts = parts;
  }

  admits({ aeTitle }: Requester): boolean {
    return this.#parts.peers.mayUse(aeTitle, 'mpps');
  }

  async *answer(message: DimseMessage, { requester }: DimseContext): AsyncGenerator<DimseAnswer> {
    if (message.operation === 'N-CREATE') yield this.#begin(message, requester);
    else if (message.operation === 'N-SET') yield this.#change(message);
    else {
      throw new DimseError(DIMSE_STATUS.unrecognizedOperation, 'Performed steps know N-CREATE and N-SET.');
    }
  }

  #begin({ sopInstanceUid = newUid(), dataSet }: DimseMessage, { aeTitle }: Requester): DimseAnswer {
    if (!isUid(sopInstanceUid)) {
      throw new DimseError(DIMSE_STATUS.invalidObjectInstance, 'The SOP Instance UID is no UID.');
    }
    const step = readStep(sopInstanceUid, dataSet, { sourceAeTitle: aeTitle, clock: this.#parts.clock });
    if (!this.#parts.steps.begin(step, Date.now())) {
      throw new DimseError(DIMSE_STATUS.duplicateInstance, 'The step is known.');
    }
    this.#parts.onNoted();
    return { status: DIMSE_STATUS.success, command: { AffectedSOPInstanceUID: sopInstanceUid } };
  }

  #change({ sopInstanceUid = '', dataSet }: DimseMessage): DimseAnswer {
    const { steps, clock, onNoted } = this.#parts;
    const known = steps.find(sopInstanceUid);
    if (!known) throw new DimseError(DIMSE_STATUS.noSuchInstance, 'The step is not known.');
    if (!known.step) {
      const command = { ErrorID: MAY_NOT_BE_UPDATED };
      return { status: DIMSE_STATUS.processingFailure, comment: `The step is ${known.status}.`, command };
    }
    const step = readChange(dataSet, clock, known.step);
    steps.change(step, Date.now());
    onNoted();
    if (step.status !== 'IN PROGRESS') this.#announce(step);
    return { status: DIMSE_STATUS.success };
  }

  /** A step of several studies does not say which of them an object is in. */
  #announce({ scheduled, instances = [] }: PerformedStep): void {
    const studies = new Set(scheduled.map(({ studyInstanceUid }) => studyInstanceUid));
    if (studies.size === 1 && instances.length > 0) this.#parts.announce([...studies][0]!, instances);
  }
}
