import { CommitmentService } from '../commitment/commitmentService.ts';
import { Commitments } from '../commitment/commitments.ts';
import { Reports } from '../commitment/reports.ts';
import type { Destination } from '../dimse/outgoingAssociation.ts';
import type { DimseService } from '../dimse/services.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';

/** Storage commitment (PS3.4 annex J); what was asked for before a restart is reported on. */
export function commitmentService(
  { config, database, ledger, archive, allowList, log }: BridgeParts,
  lifetime: Lifetime,
  destinationOf: (aeTitle: string) => Destination | undefined,
): DimseService {
  const commitments = new Commitments(database);
  const reports = new Reports({ commitments, ledger, archive, aeTitle: config.aeTitle, destinationOf, log });
  lifetime.atEnd(() => reports.stop());
  reports.wake();
  return new CommitmentService({
    commitments,
    admits: ({ aeTitle }) => allowList.mayUse(aeTitle, 'commitment'),
    isReachable: (aeTitle) => destinationOf(aeTitle) !== undefined,
    onRequested: () => reports.wake(),
  });
}
