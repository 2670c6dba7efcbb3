import type { TransactionView } from '../../store/conditional/transactionView.ts';
import type { Write } from '../../store/resource/types.ts';
import { recorded } from '../trail/recorded.ts';
import type { Trail } from '../trail/trail.ts';
import type { PlannedWrite } from './plan.ts';
import type { TransactionOperation } from './types.ts';

/** The writes of a transaction with what they store in the audit log. */
export async function recordedWrites(
  trail: Trail,
  view: TransactionView,
  operations: readonly TransactionOperation[],
  writes: readonly PlannedWrite[],
): Promise<Write[]> {
  const deleted = writes.flatMap(({ write }) => (write.method === 'D' ? [write] : []));
  const before = deleted.length === 0 ? [] : await view.readAll(deleted);
  const byName = new Map(before.map((version) => [`${version.type}/${version.id}`, version]));
  return writes.map(({ operation, write }) => {
    const { kind } = operations[operation]!;
    if (kind === 'read') throw new Error('a read writes nothing');
    return recorded(trail, kind, write, byName.get(`${write.type}/${write.id}`));
  });
}
