import type { ImageArchive } from '../archive/imageArchive.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Commitment, ReferencedInstance } from './commitments.ts';

/** Values of Failure Reason (0008,1197) (PS3.4 section J.3.3.1.1, PS3.3 section C.14.1.1). */
export const FAILURE_REASON = {
  processingFailure: 0x0110,
  noSuchObject: 0x0112,
  classConflict: 0x0119,
} as const;
export type FailureReason = (typeof FAILURE_REASON)[keyof typeof FAILURE_REASON];

export interface FailedInstance extends ReferencedInstance {
  reason: FailureReason;
}

/** What can be said of the objects of a request. */
export interface Assessment {
  committed: ReferencedInstance[];
  failed: FailedInstance[];
  /** On their way into the archive. */
  waiting: ReferencedInstance[];
}

export interface AssessmentParts {
  ledger: Ledger;
  archive: ImageArchive;
}

/**
 * Looks for each object of a request: it is committed when the archive has it, and what was received from who asks is what the archive has.
 *
 * @throws ArchiveAwayError
 */
export async function assess(
  parts: AssessmentParts,
  { aeTitle, instances }: Commitment,
): Promise<Assessment> {
  const assessment: Assessment = { committed: [], failed: [], waiting: [] };
  for (const instance of instances) {
    const found = await judge(parts, aeTitle, instance);
    if (found === 'committed') assessment.committed.push(instance);
    else if (found === 'waiting') assessment.waiting.push(instance);
    else assessment.failed.push({ ...instance, reason: found });
  }
  return assessment;
}

async function judge(
  { ledger, archive }: AssessmentParts,
  aeTitle: string,
  { sopClassUid, sopInstanceUid }: ReferencedInstance,
): Promise<'committed' | 'waiting' | FailureReason> {
  const row = ledger.find(sopInstanceUid);
  if (!row) return FAILURE_REASON.noSuchObject;
  if (row.sopClassUid !== sopClassUid) return FAILURE_REASON.classConflict;
  // Under the same UID it has sent something else, which was kept aside: that is not what the archive has.
  if (ledger.hasConflict(sopInstanceUid, aeTitle)) return FAILURE_REASON.processingFailure;
  if (row.state === 'quarantined') return FAILURE_REASON.processingFailure;
  if (row.state === 'received') return 'waiting';
  return (await archive.has(sopInstanceUid)) ? 'committed' : FAILURE_REASON.noSuchObject;
}
