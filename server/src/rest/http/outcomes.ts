import { operationOutcome, type OperationOutcome } from '../../fhir/outcome.ts';
import type { TransactionResult, Written } from '../../records/records.ts';

/** What a write did, for clients that prefer an OperationOutcome (http://hl7.org/fhir/R4/http.html#ops). */
export function resultOutcome(result: TransactionResult): OperationOutcome {
  return operationOutcome([
    { severity: 'information', code: 'informational', diagnostics: sentence(result) },
  ]);
}

function sentence(result: TransactionResult): string {
  if (result.outcome === 'read') return 'The resource was read.';
  if (result.outcome === 'deleted') {
    const { length } = result.deletions;
    return length === 1 ? 'One resource was deleted.' : `${length} resources were deleted.`;
  }
  const name = `${result.type}/${result.id}`;
  if (result.outcome === 'kept')
    return `${name} was there already, as version ${result.version}: nothing was changed.`;
  return `${name} was ${result.outcome} as version ${result.version}.`;
}

/** A single write as the result of a transaction of one. */
export function asResult({ created, kept, ...written }: Written): TransactionResult {
  return { ...written, outcome: kept ? 'kept' : created ? 'created' : 'updated' };
}
