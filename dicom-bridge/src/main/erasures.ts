import type { StoreService } from '../dimse/storeService.ts';
import { StudyErasures, type ObjectCopies } from '../erasure/studyErasures.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';

/** What removes studies whose patients were erased. */
export function openErasures(
  { erasures, ledger, spool, serialArchive, recorder, uploads, log }: BridgeParts,
  { store, copies }: { store: StoreService; copies: readonly ObjectCopies[] },
  lifetime: Lifetime,
): StudyErasures {
  const studyErasures = new StudyErasures({
    ...{ erasures, ledger, spool, copies, log },
    archive: serialArchive,
    alone: (sopInstanceUid, work) => store.alone(sopInstanceUid, work),
    unrecorded: (studyInstanceUid) => recorder.settled(studyInstanceUid),
    onReceived: () => uploads.wake(),
  });
  lifetime.atEnd(() => studyErasures.stop());
  return studyErasures;
}
