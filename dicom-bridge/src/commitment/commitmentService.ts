import {
  DIMSE_STATUS,
  DimseError,
  type DimseAnswer,
  type DimseContext,
  type DimseMessage,
  type DimseService,
  type Requester,
} from '../dimse/services.ts';
import { isUid } from '../identifiers/uid.ts';
import type { Values } from '../objects/dataSet.ts';
import { OPEN_COMMITMENTS_MAX, type Commitments, type ReferencedInstance } from './commitments.ts';

/** Storage Commitment Push Model SOP Class and its one instance (PS3.4 section J.3). */
export const COMMITMENT_CLASS = '1.2.840.10008.1.20.1';
export const COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';
/** Request Storage Commitment. */
const ACTION_TYPE = 1;
/** Objects of one request: so many fit into the longest message that an association takes. */
export const INSTANCES_MAX = 4_000;

/** Statuses of N-ACTION (PS3.7 annex C). */
const INVALID_ARGUMENT = 0x0115;
const NO_SUCH_ACTION = 0x0123;

export interface CommitmentServiceParts {
  commitments: Commitments;
  admits: (requester: Requester) => boolean;
  /** Whether a report can be brought to an AE title: its host and port are known. */
  isReachable: (aeTitle: string) => boolean;
  /** A request was noted. */
  onRequested: () => void;
}

/** Takes requests for storage commitment (N-ACTION); {@link Reports} answers them on associations of its own. */
export class CommitmentService implements DimseService {
  readonly sopClassUids = [COMMITMENT_CLASS];
  readonly #parts: CommitmentServiceParts;

  constructor(parts: CommitmentServiceParts) {
    this.#parts = parts;
  }

  admits(requester: Requester): boolean {
    return this.#parts.admits(requester);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- an answer may be long in coming, this one is not
  async *answer(
    message: DimseMessage,
    { requester: { aeTitle } }: DimseContext,
  ): AsyncGenerator<DimseAnswer> {
    requireAction(message);
    if (!this.#parts.isReachable(aeTitle)) {
      throw new DimseError(
        DIMSE_STATUS.processingFailure,
        'No port is known to report to: its Endpoint must tell.',
      );
    }
    const { commitments, onRequested } = this.#parts;
    const transactionUid = transactionOf(message.dataSet);
    const instances = instancesOf(message.dataSet);
    const noted = commitments.note(aeTitle, transactionUid, instances, Date.now());
    if (noted === 'other') {
      throw new DimseError(INVALID_ARGUMENT, 'The TransactionUID is in use for other objects.');
    }
    if (noted === 'too-many') {
      const text = `${OPEN_COMMITMENTS_MAX} requests wait for their reports.`;
      throw new DimseError(DIMSE_STATUS.resourceLimitation, text);
    }
    onRequested();
    yield { status: DIMSE_STATUS.success };
  }
}

function requireAction({ operation, sopInstanceUid, command }: DimseMessage): void {
  if (operation !== 'N-ACTION') {
    throw new DimseError(DIMSE_STATUS.unrecognizedOperation, 'Storage commitment is asked for by N-ACTION.');
  }
  if (sopInstanceUid !== COMMITMENT_INSTANCE) {
    throw new DimseError(DIMSE_STATUS.noSuchInstance, 'Storage commitment has one SOP instance.');
  }
  if (command['ActionTypeID'] !== ACTION_TYPE) {
    throw new DimseError(NO_SUCH_ACTION, 'The one action type is 1.');
  }
}

function transactionOf({ TransactionUID: uid }: Values): string {
  if (typeof uid === 'string' && isUid(uid)) return uid;
  throw new DimseError(INVALID_ARGUMENT, 'TransactionUID is missing or no UID.');
}

function instancesOf({ ReferencedSOPSequence: sequence }: Values): ReferencedInstance[] {
  const items = Array.isArray(sequence) ? (sequence as Values[]) : [];
  if (items.length === 0) throw new DimseError(INVALID_ARGUMENT, 'ReferencedSOPSequence has no items.');
  if (items.length > INSTANCES_MAX) {
    throw new DimseError(DIMSE_STATUS.resourceLimitation, `At most ${INSTANCES_MAX} objects in one request.`);
  }
  return items.map(({ ReferencedSOPClassUID: sopClassUid, ReferencedSOPInstanceUID: sopInstanceUid }) => {
    if (
      typeof sopClassUid === 'string' &&
      isUid(sopClassUid) &&
      typeof sopInstanceUid === 'string' &&
      isUid(sopInstanceUid)
    ) {
      return { sopClassUid, sopInstanceUid };
    }
    throw new DimseError(INVALID_ARGUMENT, 'ReferencedSOPSequence has an item without valid UIDs.');
  });
}
