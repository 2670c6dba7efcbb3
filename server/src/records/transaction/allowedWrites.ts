import type { TransactionView } from '../../store/conditional/transactionView.ts';
import type { StoredVersion } from '../../store/resource/types.ts';
import type { TransactionGate } from '../gate/transactionGate.ts';
import type { IncomingResource } from '../prepare.ts';
import { atEntryAwaited } from './atEntry.ts';
import { mismatched } from './mismatches.ts';
import { rewrittenIds, type PutTarget, type Settled } from './settled.ts';
import { expressionOf, type TransactionOperation } from './types.ts';

/** What a transaction is to write, by operation. */
export interface Wished {
  operations: readonly TransactionOperation[];
  settled: readonly Settled[];
  /** With their links settled. */
  resources: readonly (IncomingResource | undefined)[];
}

/**
 * What of it the caller may write. What is there is locked: it stays what was judged until the transaction ends.
 *
 * @throws FhirError `forbidden`, `not-found`, with the entry
 */
export async function allowedWrites(
  gate: TransactionGate,
  view: TransactionView,
  { operations, settled, resources }: Wished,
): Promise<Omit<Wished, 'operations'>> {
  const before = await lockedVersions(view, operations, settled);
  const allowed: { settled: Settled[]; resources: (IncomingResource | undefined)[] } = {
    settled: [...settled],
    resources: [...resources],
  };
  for (const [i, operation] of operations.entries()) {
    const one = settled[i]!;
    const { type } = operation;
    const version = (id: string) => before.get(`${type}/${id}`);
    const resource = resources[i];
    if (one.does === 'delete') {
      const targets = await atEntryAwaited(expressionOf(operation, 'request.url'), () =>
        filtered(one.targets, ({ id }) => gate.mayDelete(type, version(id))),
      );
      const hidden = one.targets.find((target) => isExpected(target) && !targets.includes(target));
      if (hidden) throw mismatched(operation, hidden, 0);
      allowed.settled[i] = { does: 'delete', targets };
    } else if (resource && 'id' in one) {
      allowed.resources[i] = await atEntryAwaited(expressionOf(operation, 'resource'), () =>
        gate.written(one.id, version(one.id), resource),
      );
    }
  }
  return allowed;
}

/** Whether the client says which version must be there: then one that is hidden is one that is missing. */
const isExpected = ({ expectedVersion, onMismatch }: PutTarget) =>
  expectedVersion !== undefined && onMismatch === 'refuse';

/** Types in alphabetical order, as they are written: two transactions do not lock in a ring. */
async function lockedVersions(
  view: TransactionView,
  operations: readonly TransactionOperation[],
  settled: readonly Settled[],
): Promise<ReadonlyMap<string, StoredVersion>> {
  const ids = new Map<string, string[]>();
  settled.forEach((one, i) => {
    const { type } = operations[i]!;
    ids.set(type, [...(ids.get(type) ?? []), ...rewrittenIds(one)]);
  });
  const versions = new Map<string, StoredVersion>();
  for (const [type, ofType] of [...ids].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (ofType.length === 0) continue;
    for (const version of await view.lockAll(type, ofType)) versions.set(`${type}/${version.id}`, version);
  }
  return versions;
}

async function filtered<T>(items: readonly T[], keep: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept: T[] = [];
  for (const item of items) if (await keep(item)) kept.push(item);
  return kept;
}
