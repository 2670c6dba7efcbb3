import { isUid } from '@maxray/dicom-bridge/uid';
import { TYPES_WITH_STUDY_UIDS } from '../../store/erasure/studyUids.ts';
import type { Run } from '../../store/erasure/types.ts';
import type { Store } from '../../store/store.ts';
import type { ErasurePlan } from './plan.ts';

/** What removes the images of studies that are noted as erased. */
export interface ErasedImages {
  /** There may be some. */
  wake(): void;
}

/** Study Instance UIDs of all that a plan erases: to be asked before it is done. */
export async function studiesCarried({ erasure }: Store, run: Run, plan: ErasurePlan): Promise<string[]> {
  const uids = new Set<string>();
  for (const type of TYPES_WITH_STUDY_UIDS)
    for (const uid of await erasure.studyUids.carried(run, type, plan.rids(type)))
      if (isUid(uid)) uids.add(uid);
  return [...uids].sort();
}

/** Those of them that no ImagingStudy has any more: to be asked when the others are erased. */
export async function studiesGone(
  { erasure }: Store,
  run: Run,
  carried: readonly string[],
): Promise<string[]> {
  if (carried.length === 0 || !(await erasure.finder.types()).includes('ImagingStudy')) return [...carried];
  const used = await erasure.studyUids.inUse(run, carried);
  return carried.filter((uid) => !used.has(uid));
}
