import type { Links } from '../../fhir/links/links.ts';
import type { TransactionView } from '../../store/conditional/transactionView.ts';
import type { Statement, Transaction } from '../../store/postgres/database.ts';
import type { WriteResult } from '../../store/resource/types.ts';
import type { Trail } from '../trail/trail.ts';
import type { Store } from '../../store/store.ts';
import type { PrepareParts } from '../prepare.ts';
import type { TransactionGate } from '../gate/transactionGate.ts';
import { noteWrites } from '../provenance/noteWrites.ts';
import { PROVENANCE } from '../provenance/provenanceWrites.ts';
import { dependsOnOthers } from './dependsOnOthers.ts';
import type { WriteProvenance } from '../provenance/writeProvenance.ts';
import type { RecordSearch } from '../search.ts';
import { meantCriteria, type CriteriaParts } from './criteria.ts';
import { mismatched } from './mismatches.ts';
import { planTransaction, type PlannedWrite, type PlanParts, type TransactionPlan } from './plan.ts';
import { readEntries } from './reads.ts';
import { recordedWrites } from './recordedWrites.ts';
import { requireNotErased } from './requireNotErased.ts';
import { transactionResults } from './results.ts';
import { conditionalReferences, requireOwnUrls } from './references.ts';
import { expressionOf, type TransactionOperation, type TransactionResult } from './types.ts';

export interface TransactionParts {
  store: Store;
  prepare: PrepareParts;
  links: Links;
  search: RecordSearch;
  /** Resources that one conditional delete may delete. */
  deletionsMax: number;
  /** @throws FhirError where a version's bytes do not stand in its content */
  refuseRawBinary(type: string, id: string, version: number): Promise<void>;
}

/** For whom it is. */
export interface TransactionCaller {
  /** Absent: the caller has no limits. */
  gate: TransactionGate | undefined;
  /** Absent: it is not recorded. */
  trail: Trail | undefined;
  /** What is noted with what is written; absent: nothing. */
  provenance?: WriteProvenance | undefined;
}

type Run = TransactionParts & TransactionCaller;

/**
 * Runs the operations of a transaction: what they mean is settled in memory, then a handful of statements write everything in one
 * commit (http://hl7.org/fhir/R4/http.html#transaction).
 *
 * @throws FhirError when any operation cannot be done; then nothing was changed
 */
export async function runTransaction(
  parts: TransactionParts,
  operations: readonly TransactionOperation[],
  { gate, trail, provenance }: TransactionCaller = { gate: undefined, trail: undefined },
): Promise<TransactionResult[]> {
  if (operations.length === 0) return [];
  requireOwnUrls(operations);
  const { store, search } = parts;
  const run = { ...parts, gate, trail, provenance };
  await store.writer.ensureTypes(operations.filter(({ kind }) => kind !== 'read'));
  if (provenance) await store.writer.ensureTypes([{ type: PROVENANCE }]);
  const meant = await Promise.all(operations.map((operation) => meantOperation({ search, gate }, operation)));
  const plan = gate || dependsOnStore(parts, meant) ? undefined : await planned(run, meant, undefined);
  let attempts = 0;
  const results = await store.writer.againWhenStale(() =>
    store.database.transaction((tx) => attempt(run, meant, plan, store.view(tx, attempts++ > 0), tx)),
  );
  if (trail) tell(trail, results);
  return results;
}

/** Before any lock is taken: locks are on values. */
async function meantOperation(
  parts: CriteriaParts,
  operation: TransactionOperation,
): Promise<TransactionOperation> {
  if (operation.kind === 'create') {
    const { ifNoneExist } = operation;
    if (ifNoneExist === undefined) return operation;
    const at = expressionOf(operation, 'request.ifNoneExist');
    return { ...operation, ifNoneExist: await meantCriteria(parts, ifNoneExist, at) };
  }
  if (operation.kind === 'read' || operation.criteria === undefined) return operation;
  const { criteria } = operation;
  return {
    ...operation,
    criteria: await meantCriteria(parts, criteria, expressionOf(operation, 'request.url')),
  };
}

/** Whether what is stored decides what the operations mean. */
function dependsOnStore(
  { links, prepare }: TransactionParts,
  operations: readonly TransactionOperation[],
): boolean {
  return operations.some((operation) => {
    if (operation.kind === 'patch') return true;
    if ('resource' in operation && dependsOnOthers(operation.kind, operation.resource.value)) return true;
    if (operation.kind === 'create' ? operation.ifNoneExist : 'criteria' in operation && operation.criteria)
      return true;
    if (!('resource' in operation)) return false;
    return conditionalReferences(links, prepare.definitions, operation.resource.value).length > 0;
  });
}

async function attempt(
  parts: Run,
  operations: readonly TransactionOperation[],
  plannedBefore: TransactionPlan | undefined,
  view: TransactionView,
  tx: Transaction,
): Promise<TransactionResult[]> {
  const query = (statement: Statement) => tx.query(statement);
  const numbered = { ...parts, orderNumbers: parts.store.orderNumbers(query) };
  const plan = plannedBefore ?? (await planned(numbered, operations, view));
  const { writes } = plan;
  const { trail, provenance } = parts;
  const written = await parts.store.writer.writeAll(
    trail ? await recordedWrites(trail, view, operations, writes) : writes.map(({ write }) => write),
    query,
  );
  written.forEach((result, i) => requireApplied(operations, writes[i]!, result));
  await requireNotErased(parts.store.erasure.erasedStudies, operations, plan, query);
  if (provenance) {
    const done = written.map((result, i) => ({ write: writes[i]!.write, result }));
    await noteWrites(parts, provenance, done, query);
  }
  const read = await readEntries(operations, view, parts.gate);
  const results = transactionResults(operations, plan, written, read);
  return parts.gate ? results.map((result) => shownResult(parts.gate!, result)) : results;
}

/** What was found, and not written, is shown. */
function tell(trail: Trail, results: readonly TransactionResult[]): void {
  for (const result of results) {
    if (result.outcome === 'read') trail.shows({ ...result.found, type: result.type });
    else if (result.outcome === 'kept') trail.shows(result);
    else if (result.outcome !== 'deleted' || result.deletions.length > 0) trail.wrote();
  }
}

/** What was written has also what is hidden from who wrote it. */
function shownResult(gate: TransactionGate, result: TransactionResult): TransactionResult {
  return 'content' in result ? { ...result, content: gate.shown(result.type, result.content) } : result;
}

const planned = (
  { store, ...parts }: Run & Pick<PlanParts, 'orderNumbers'>,
  operations: readonly TransactionOperation[],
  view: TransactionView | undefined,
) =>
  planTransaction(
    {
      ...parts,
      definitions: parts.prepare.definitions,
      own: store.ownResources(),
      updated: store.ownResources(),
      ownBase: store.index.ownBase,
    },
    operations,
    view,
  );

function requireApplied(
  operations: readonly TransactionOperation[],
  { operation, target }: PlannedWrite,
  result: WriteResult,
): void {
  if (result.applied) return;
  if (result.reason === 'absent' && target?.onMismatch !== 'again') return;
  throw mismatched(operations[operation]!, target!, result.currentVersion);
}
