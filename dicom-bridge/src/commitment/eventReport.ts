import dimse from 'dcmjs-dimse';
import {
  AssociationError,
  OutgoingAssociation,
  type Destination,
  type OutgoingTimes,
} from '../dimse/outgoingAssociation.ts';
import { PLAIN_SYNTAXES } from '../dimse/syntaxes.ts';
import type { DataSet } from '../objects/dataSet.ts';
import { encodeDataSet, IMPLICIT_LITTLE_ENDIAN } from '../objects/encodeDataSet.ts';
import type { Assessment } from './assessment.ts';
import { COMMITMENT_CLASS, COMMITMENT_INSTANCE } from './commitmentService.ts';
import type { ReferencedInstance } from './commitments.ts';

/** Event types (PS3.4 section J.3.3.1). */
const [ALL_COMMITTED, FAILURES_EXIST] = [1, 2];
/** Statuses of responses that say that the report was taken: success and warnings (PS3.7 annex C). */
const isTaken = (status: number): boolean =>
  status === 0 || status === 0x0107 || status === 0x0116 || status === 0xb000;

/** The peer has answered the report with a failure. */
export class ReportRefusedError extends Error {
  override readonly name = 'ReportRefusedError';
}

export interface EventReport {
  /** Our own AE title. */
  aeTitle: string;
  transactionUid: string;
  assessment: Pick<Assessment, 'committed' | 'failed'>;
}

/**
 * Tells who asked which of its objects are kept: N-EVENT-REPORT on an association of ours, of which we are the provider.
 *
 * @throws AssociationError, ReportRefusedError, and what {@link OutgoingAssociation.invoke} throws: it may be told again
 */
export async function sendReport(
  destination: Destination,
  { aeTitle, transactionUid, assessment }: EventReport,
  { signal, times }: { signal?: AbortSignal; times?: Partial<OutgoingTimes> } = {},
): Promise<void> {
  const association = await OutgoingAssociation.open({
    destination,
    callingAeTitle: aeTitle,
    proposals: [
      {
        abstractSyntaxUid: COMMITMENT_CLASS,
        transferSyntaxUids: PLAIN_SYNTAXES,
        asProvider: true,
      },
    ],
    ...(times && { times }),
    ...(signal && { signal }),
  });
  try {
    const context = association.contexts[0];
    if (!context) throw new AssociationError('The peer takes no reports of storage commitment.');
    const eventType = assessment.failed.length === 0 ? ALL_COMMITTED : FAILURES_EXIST;
    const request = new dimse.requests.NEventReportRequest(COMMITMENT_CLASS, COMMITMENT_INSTANCE, eventType);
    const bytes = encodeDataSet(
      reportOf(aeTitle, transactionUid, assessment),
      context.getAcceptedTransferSyntaxUid() ?? IMPLICIT_LITTLE_ENDIAN,
    );
    const response = await association.invoke({ request, context, dataSet: [bytes] });
    const status = response.getStatus();
    if (!isTaken(status))
      throw new ReportRefusedError(`The peer answers the report with ${status.toString(16)}.`);
  } finally {
    await association.release();
  }
}

function reportOf(
  aeTitle: string,
  transactionUid: string,
  { committed, failed }: EventReport['assessment'],
): DataSet {
  return {
    TransactionUID: transactionUid,
    RetrieveAETitle: aeTitle,
    // A sequence without items is not allowed in either place.
    ReferencedSOPSequence: committed.length > 0 ? committed.map(itemOf) : undefined,
    FailedSOPSequence:
      failed.length > 0 ? failed.map((one) => ({ ...itemOf(one), FailureReason: one.reason })) : undefined,
  };
}

const itemOf = ({ sopClassUid, sopInstanceUid }: ReferencedInstance): DataSet => ({
  ReferencedSOPClassUID: sopClassUid,
  ReferencedSOPInstanceUID: sopInstanceUid,
});
