import { contentText } from '../../store/resource/content.ts';
import type { StoredVersion, Write, WriteResult } from '../../store/resource/types.ts';
import type { TransactionPlan } from './plan.ts';
import type { TransactionOperation, TransactionResult } from './types.ts';

type Live = StoredVersion & { content: string };
type Applied = Extract<WriteResult, { applied: true }>;

/** What became of each operation, from what was planned, written and read. */
export function transactionResults(
  operations: readonly TransactionOperation[],
  plan: TransactionPlan,
  written: readonly WriteResult[],
  read: ReadonlyMap<number, Live>,
): TransactionResult[] {
  const results = operations.map((operation, i) => unwritten(operation, i, plan, read.get(i)));
  plan.writes.forEach(({ operation, write }, i) => {
    const result = written[i]!;
    if (result.applied) results[operation] = withWrite(results[operation], write, result);
  });
  plan.settled.forEach((one, i) => {
    const other = one.does === 'share' ? results[one.with] : undefined;
    if (other && 'content' in other) results[i] = { ...other, outcome: 'kept' };
  });
  return results as TransactionResult[];
}

/** Ids of the resources that an operation wrote. */
export function writtenIds(result: TransactionResult): string[] {
  if (result.outcome === 'read') return [];
  return result.outcome === 'deleted' ? result.deletions.map(({ id }) => id) : [result.id];
}

/** The result of what needs no write; undefined where a write or another operation tells. */
function unwritten(
  { kind, type }: TransactionOperation,
  i: number,
  { settled, patched }: TransactionPlan,
  found: Live | undefined,
): TransactionResult | undefined {
  if (kind === 'delete') return { outcome: 'deleted', type, deletions: [] };
  if (found) return { outcome: 'read', type, found };
  const one = settled[i]!;
  if (one.does === 'keep') return kept(type, { ...one.match, content: one.match.content! });
  const patch = patched.get(i);
  return patch && !patch.resource ? kept(type, patch.current) : undefined;
}

function withWrite(
  before: TransactionResult | undefined,
  write: Write,
  { version, lastUpdated, created }: Applied,
): TransactionResult | undefined {
  const { type, id } = write;
  if (write.method === 'D') {
    const deletions = before?.outcome === 'deleted' ? before.deletions : [];
    return { outcome: 'deleted', type, deletions: [...deletions, { id, version, lastUpdated }] };
  }
  const content = contentText(write.content, version, lastUpdated);
  return { outcome: created ? 'created' : 'updated', type, id, version, lastUpdated, content };
}

const kept = (
  type: string,
  { id, version, lastUpdated, content }: Pick<Live, 'id' | 'version' | 'lastUpdated' | 'content'>,
): TransactionResult => ({ outcome: 'kept', type, id, version, lastUpdated, content });
