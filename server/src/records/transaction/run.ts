import { randomUUID } from 'node:crypto';
import { fhirError } from '../../fhir/outcome.ts';
import { contentText } from '../../store/resource/content.ts';
import type { Write, WriteResult } from '../../store/resource/types.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../caller.ts';
import { prepareCreate, preparePut, type PrepareParts } from '../prepare.ts';
import { resolveReferences } from './references.ts';
import type { TransactionOperation, TransactionResult } from './types.ts';

/**
 * Runs the writes of a transaction: ids and references are settled in memory, then a handful of statements
 * write everything in one commit (http://hl7.org/fhir/R4/http.html#transaction).
 *
 * @throws FhirError when any operation cannot be done; then nothing was changed
 */
export async function runTransaction(
  store: Store,
  parts: PrepareParts,
  _caller: Caller,
  operations: readonly TransactionOperation[],
): Promise<TransactionResult[]> {
  const ids = operations.map((operation) => (operation.kind === 'create' ? randomUUID() : operation.id));
  refuseOverlaps(operations, ids);
  resolveAll(operations, ids);
  const writes = operations.map((operation, i) => asWrite(parts, operation, ids[i]!));
  if (writes.length === 0) return [];
  await store.writer.ensureTypes(writes);
  const results = await store.writer.againWhenStale(() =>
    store.database.transaction(async (tx) => {
      const written = await store.writer.writeAll(writes, (statement) => tx.query(statement));
      written.forEach((result, i) => refuseMismatch(operations[i]!, result));
      return written;
    }),
  );
  return results.map((result, i) => asResult(writes[i]!, result));
}

function refuseOverlaps(operations: readonly TransactionOperation[], ids: readonly string[]): void {
  const seen = new Set<string>();
  operations.forEach((operation, i) => {
    const identity = `${operation.type}/${ids[i]}`;
    if (seen.has(identity)) {
      const text = `${identity} stands in two entries of the transaction: a resource may be written only once in it.`;
      throw fhirError('incorrect', 'invalid', text, `Bundle.entry[${operation.entry}]`);
    }
    seen.add(identity);
  });
}

function resolveAll(operations: readonly TransactionOperation[], ids: readonly string[]): void {
  const targets = new Map<string, string>();
  operations.forEach((operation, i) => {
    if (operation.kind === 'delete' || operation.fullUrl === undefined) return;
    if (targets.has(operation.fullUrl)) {
      const text = 'Two entries of the transaction have the same fullUrl: give each its own.';
      throw fhirError('incorrect', 'invalid', text, `Bundle.entry[${operation.entry}].fullUrl`);
    }
    targets.set(operation.fullUrl, `${operation.type}/${ids[i]}`);
  });
  if (targets.size === 0) return;
  for (const operation of operations) {
    if (operation.kind === 'delete') continue;
    resolveReferences(operation.resource.value, targets);
    if (operation.resource.exact !== operation.resource.value)
      resolveReferences(operation.resource.exact, targets);
  }
}

function asWrite(parts: PrepareParts, operation: TransactionOperation, id: string): Write {
  if (operation.kind === 'create') return prepareCreate(parts, operation.resource, id);
  if (operation.kind === 'update')
    return preparePut(parts, operation.resource, id, operation.expectedVersion);
  const { type, expectedVersion } = operation;
  return expectedVersion === undefined
    ? { method: 'D', type, id }
    : { method: 'D', type, id, expectedVersion };
}

function refuseMismatch(operation: TransactionOperation, result: WriteResult): void {
  if (result.applied || result.reason === 'absent') return;
  const now = result.currentVersion === 0 ? 'does not exist' : `is at version ${result.currentVersion}`;
  const text = `The resource of this entry ${now}, which is not the version that ifMatch names.`;
  throw fhirError(
    'precondition-failed',
    'conflict',
    text,
    `Bundle.entry[${operation.entry}].request.ifMatch`,
  );
}

function asResult(write: Write, result: WriteResult): TransactionResult {
  const { type, id } = write;
  if (!result.applied) return { type, id, created: false };
  const { version, lastUpdated, created } = result;
  if (write.method === 'D') return { type, id, created: false, version, lastUpdated };
  return {
    type,
    id,
    created,
    version,
    lastUpdated,
    content: contentText(write.content, version, lastUpdated),
  };
}
