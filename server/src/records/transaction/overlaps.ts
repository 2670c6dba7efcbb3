import { fhirError } from '../../fhir/outcome.ts';
import type { Settled } from './settled.ts';
import { expressionOf, type TransactionOperation } from './types.ts';

/**
 * Refuses transactions that write a resource twice (http://hl7.org/fhir/R4/http.html#trules): the outcome would
 * depend on an order that they do not have. What two conditional deletes mean both is deleted by the first.
 *
 * @throws FhirError `incorrect` that names the second entry
 */
export function refuseOverlaps(
  operations: readonly TransactionOperation[],
  settled: readonly Settled[],
): void {
  const seen = new Set<string>();
  operations.forEach((operation, i) => {
    for (const id of writtenIds(settled[i]!)) {
      const identity = `${operation.type}/${id}`;
      if (seen.has(identity)) throw overlap(operation, identity);
      seen.add(identity);
    }
  });
}

function writtenIds(settled: Settled): string[] {
  switch (settled.does) {
    case 'create':
    case 'put':
    case 'patch':
      return [settled.id];
    case 'delete':
      return settled.targets.map(({ id }) => id);
    default:
      return [];
  }
}

const overlap = (operation: TransactionOperation, identity: string) =>
  fhirError(
    'incorrect',
    'invalid',
    `${identity} stands in two entries of the transaction: a resource may be written only once in it.`,
    expressionOf(operation),
  );
