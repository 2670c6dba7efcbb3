import type { TransactionView } from '../../store/conditional/transactionView.ts';
import { OvertakenError } from '../../store/postgres/failures.ts';
import { meets } from '../../store/resource/expectedVersion.ts';
import type { StoredVersion } from '../../store/resource/types.ts';
import { live } from '../liveVersion.ts';
import type { TransactionGate } from '../gate/transactionGate.ts';
import { patchedVersion } from '../patched.ts';
import type { IncomingResource, PrepareParts } from '../prepare.ts';
import { atEntryAwaited } from './atEntry.ts';
import { mismatched } from './mismatches.ts';
import type { PutTarget, Settled } from './settled.ts';
import { expressionOf, type PatchOperation, type TransactionOperation } from './types.ts';

/** What a patch comes down to: what is to be written, or the version that it leaves as it is. */
export type Patched =
  | { resource: IncomingResource; version: number }
  | { resource: undefined; current: StoredVersion & { content: string } };

export interface PatchingParts {
  prepare: PrepareParts;
  view: TransactionView;
  gate?: TransactionGate | undefined;
  /** @throws FhirError where a version's bytes do not stand in its content */
  refuseRawBinary(type: string, id: string, version: number): Promise<void>;
}

/**
 * Applies the patches of a transaction, by the index of their operation. What they are applied to stays as it is until the
 * transaction ends.
 *
 * @throws FhirError as {@link patchedVersion}, with the entry; OvertakenError
 */
export async function applyPatches(
  parts: PatchingParts,
  operations: readonly TransactionOperation[],
  settled: readonly Settled[],
): Promise<Map<number, Patched>> {
  const patched = new Map<number, Patched>();
  const patches = [...operations.entries()].flatMap(([i, operation]) => {
    const target = settled[i]!;
    return operation.kind === 'patch' && target.does === 'patch' ? [{ i, operation, target }] : [];
  });
  // Types in alphabetical order, as they are written: two transactions do not lock in a ring.
  const byType = [...Map.groupBy(patches, ({ operation }) => operation.type)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  for (const [type, ofType] of byType) {
    const ids = ofType.map(({ target }) => target.id);
    const versions = new Map((await parts.view.lockAll(type, ids)).map((version) => [version.id, version]));
    for (const { i, operation, target } of ofType) {
      patched.set(i, await apply(parts, operation, target, versions.get(target.id)));
    }
  }
  return patched;
}

async function apply(
  parts: PatchingParts,
  operation: PatchOperation,
  target: PutTarget,
  version: StoredVersion | undefined,
): Promise<Patched> {
  const { type, patch } = operation;
  const isLive = version !== undefined && version.content !== null;
  if (target.onMismatch === 'again' && !isLive) throw new OvertakenError();
  const current = await atEntryAwaited(expressionOf(operation, 'request.url'), async () =>
    parts.gate ? parts.gate.seen('read', type, target.id, version) : live(type, target.id, version),
  );
  if (target.expectedVersion !== undefined && !meets(target.expectedVersion, current.version)) {
    throw mismatched(operation, target, current.version);
  }
  await parts.refuseRawBinary(type, target.id, current.version);
  const resource = await atEntryAwaited(expressionOf(operation, 'resource'), () =>
    patchedVersion(parts.prepare, type, current, patch),
  );
  return resource ? { resource, version: current.version } : { resource, current };
}
