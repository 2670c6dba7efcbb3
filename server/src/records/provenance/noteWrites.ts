import { randomUUID } from 'node:crypto';
import type { Statement, QueryResult } from '../../store/postgres/database.ts';
import type { Store } from '../../store/store.ts';
import type { TransactionGate } from '../gate/transactionGate.ts';
import { prepareCreate, type PrepareParts } from '../prepare.ts';
import { recorded } from '../trail/recorded.ts';
import type { Trail } from '../trail/trail.ts';
import { provenancesOf, type Done } from './provenanceWrites.ts';
import type { WriteProvenance } from './writeProvenance.ts';

export interface NoteParts {
  store: Store;
  prepare: PrepareParts;
  /** Absent: the caller has no limits. */
  gate: Pick<TransactionGate, 'written'> | undefined;
  trail: Trail | undefined;
}

/**
 * Stores the Provenances of what a transaction has written, in this transaction.
 *
 * @throws FhirError `forbidden` where the caller may not store the one that was sent along
 */
export async function noteWrites(
  { store, prepare, gate, trail }: NoteParts,
  provenance: WriteProvenance,
  done: readonly Done[],
  run: (statement: Statement) => Promise<QueryResult>,
): Promise<void> {
  const resources = provenancesOf(provenance, done, store.index.ownBase ?? NO_BASE);
  if (resources.length === 0) return;
  const writes = [];
  for (const [i, resource] of resources.entries()) {
    const id = randomUUID();
    if (provenance.given && i === 0) await gate?.written(id, undefined, resource);
    writes.push(recorded(trail, 'create', prepareCreate(prepare, resource, id)));
  }
  const first = done.find(({ result }) => result.applied)?.result;
  await store.writer.writeAll(writes, run, first?.applied ? first.lastUpdated : null);
}

/** Of a store that is not served: no absolute URL is ours. */
const NO_BASE = 'urn:unserved';
