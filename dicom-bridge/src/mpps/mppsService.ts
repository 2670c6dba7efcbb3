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
import { readChange, readStep, type PerformedStep, type StepSource } from './performedStep.ts';
import type { StepLedger } from './stepLedger.ts';

/** Modality Performed Procedure Step. */
export const PERFORMED_STEP = '1.2.840.10008.3.1.2.3.3';
/** Steps of one AE title that are in progress. */
export const OPEN_STEPS_MAX = 500;
/** One that nothing was told of for so long does not count: its modality has given it up. */
export const OPEN_STEP_MS = 7 * 24 * 3_600_000;
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
    else if (message.operation === 'N-SET') yield this.#change(message, requester);
    else {
      throw new DimseError(DIMSE_STATUS.unrecognizedOperation, 'Performed steps know N-CREATE and N-SET.');
    }
  }

  #begin({ sopInstanceUid = newUid(), dataSet }: DimseMessage, requester: Requester): DimseAnswer {
    const { steps, clock, onNoted } = this.#parts;
    if (!isUid(sopInstanceUid)) {
      throw new DimseError(DIMSE_STATUS.invalidObjectInstance, 'The SOP Instance UID is no UID.');
    }
    const step = readStep(sopInstanceUid, dataSet, { source: sourceOf(requester), clock });
    if (steps.countOpen(requester.aeTitle, Date.now() - OPEN_STEP_MS) >= OPEN_STEPS_MAX) {
      const text = `${OPEN_STEPS_MAX} steps are in progress: end some of them.`;
      throw new DimseError(DIMSE_STATUS.resourceLimitation, text);
    }
    if (!steps.begin(step, Date.now())) {
      throw new DimseError(DIMSE_STATUS.duplicateInstance, 'The step is known.');
    }
    onNoted();
    return { status: DIMSE_STATUS.success, command: { AffectedSOPInstanceUID: sopInstanceUid } };
  }

  #change({ sopInstanceUid = '', dataSet }: DimseMessage, requester: Requester): DimseAnswer {
    const { steps, clock, onNoted } = this.#parts;
    const known = steps.find(sopInstanceUid);
    if (!known) throw new DimseError(DIMSE_STATUS.noSuchInstance, 'The step is not known.');
    if (!known.step) {
      const command = { ErrorID: MAY_NOT_BE_UPDATED };
      return { status: DIMSE_STATUS.processingFailure, comment: `The step is ${known.status}.`, command };
    }
    if (!isOf(known.step, sourceOf(requester))) {
      throw new DimseError(DIMSE_STATUS.notAuthorized, 'Another peer has begun the step.');
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

const sourceOf = ({ aeTitle, certificate }: Requester): StepSource => ({
  sourceAeTitle: aeTitle,
  ...(certificate !== undefined && { sourceCertificate: certificate }),
});

const isOf = (step: StepSource, source: StepSource): boolean =>
  step.sourceAeTitle === source.sourceAeTitle && step.sourceCertificate === source.sourceCertificate;
