import type { NamedHere } from '../../fhir/links/namedHere.ts';
import type { Run } from '../../store/erasure/types.ts';
import { contentParts } from '../../store/resource/content.ts';
import type { CreateWrite, PutWrite } from '../../store/resource/types.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../caller.ts';
import { certificateOf, type TypeCount } from './certificate.ts';
import { studiesCarried, studiesGone } from './erasedImages.ts';
import { keptWrite } from './keptWrites.ts';
import type { ErasurePlan, KeptResource } from './plan.ts';

/** Resources that stay of which the keys are in one statement. */
const KEPT_AT_ONCE = 1_000;

export interface CarryOutParts {
  store: Store;
  named: NamedHere;
  caller: Caller;
  reason: string;
  /** Id of the certificate that is to be. */
  certificate: string;
  /** Id of whom is erased. */
  patient: string;
  /** Whether there is an archive whose images go as well. */
  hasImages: boolean;
}

/**
 * Does what a plan says, in an open transaction.
 *
 * @param complete adds to the plan what has changed since it was made; from then on nobody writes until the end of the transaction
 */
export async function carryOut(
  parts: CarryOutParts,
  run: Run,
  plan: ErasurePlan,
  complete: () => Promise<void>,
): Promise<void> {
  const { store, caller, certificate, patient, reason, hasImages } = parts;
  const { eraser, register } = store.erasure;
  await eraser.stopWrites(run);
  await complete();
  const changed = await changeKept(parts, run, plan);
  const files = await eraser.releaseBlobs(run, plan.ids('Binary'));
  const carried = hasImages ? await studiesCarried(store, run, plan) : [];
  const erased: TypeCount[] = [];
  for (const type of plan.types()) {
    erased.push({ type, ...(await eraser.eraseResources(run, type, plan.rids(type))) });
    await eraser.eraseEvents(run, type, plan.ids(type));
  }
  const studies = await studiesGone(store, run, carried);
  await store.erasure.erasedStudies.note(run, certificate, studies);
  const names = plan.names();
  await store.orderNumbers(run).forget(plan.ids('ServiceRequest'));
  await eraser.eraseAccounts(run, plan.ids('User'));
  await eraser.eraseEmergencies(run, patient, plan.ids('User'));
  await eraser.eraseFromJobs(run, names);
  await register.note(run, certificate, store.index.selfKey('Patient', patient));
  const facts = {
    id: certificate,
    by: caller.id,
    reason,
    at: new Date(),
    names,
    erased,
    changed,
    files,
    studies: studies.length,
  };
  const resource = certificateOf(facts);
  const write: CreateWrite = {
    method: 'C',
    type: 'DocumentReference',
    id: certificate,
    content: contentParts(resource, certificate),
    index: store.indexer.index(resource),
    ...(store.indexer.revision !== undefined && { planRevision: store.indexer.revision }),
  };
  await store.writer.writeAll([write], run);
  const { trail } = caller;
  if (!trail) return;
  await eraser.record(run, [
    ...trail.rows('delete', 'Patient', patient, undefined),
    ...trail.rows('create', 'DocumentReference', certificate, undefined),
  ]);
}

/** New versions of what stays, and no content of those that named the erased. */
async function changeKept(parts: CarryOutParts, run: Run, plan: ErasurePlan): Promise<TypeCount[]> {
  const { store, named } = parts;
  const counts: TypeCount[] = [];
  const byType = Map.groupBy(plan.kept.values(), ({ type }) => type);
  for (const type of [...byType.keys()].sort()) {
    const kept = byType.get(type)!;
    for (let at = 0; at < kept.length; at += KEPT_AT_ONCE)
      await rewrite(parts, run, plan, type, kept.slice(at, at + KEPT_AT_ONCE));
    let versions = 0;
    for (const { id, names } of kept)
      versions += await store.erasure.eraser.purgeVersions(run, type, id, named.patternOf([...names]));
    counts.push({ type, resources: kept.length, versions });
  }
  return counts;
}

async function rewrite(
  { store, named, caller }: CarryOutParts,
  run: Run,
  plan: ErasurePlan,
  type: string,
  kept: readonly KeptResource[],
): Promise<void> {
  const now = new Set(kept.filter(({ isNow }) => isNow).map(({ id }) => id));
  const selves = [...now].map((id) => String(store.index.selfKey(type, id)));
  const parts = {
    indexer: store.indexer,
    named,
    isErased: (name: string) => plan.isErased(name),
    trail: caller.trail,
  };
  for await (const rows of store.erasure.finder.rows(run, type, 'self', selves)) {
    const live = rows.filter(({ id, content }) => now.has(id) && content !== null);
    const writes: PutWrite[] = live.map((row) => keptWrite(parts, type, row));
    const results = await store.writer.writeAll(writes, run);
    if (results.some(({ applied }) => !applied))
      throw new Error('a resource was written by another while nobody may write');
  }
}
