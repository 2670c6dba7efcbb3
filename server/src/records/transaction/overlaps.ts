import { FhirError, errorIssue } from '../../fhir/outcome.ts';
import type { Settled } from './settled.ts';
import { expressionOf, type TransactionOperation } from './types.ts';

/** An operation, and which of the transaction it is. */
export interface Place {
  operation: TransactionOperation;
  i: number;
}

/**
 * Refuses transactions that write a resource twice (http://hl7.org/fhir/R4/http.html#trules): the outcome would
 * depend on an order that they do not have.
 *
 * @throws FhirError `incorrect` that names both entries
 */
export function refuseOverlaps(
  operations: readonly TransactionOperation[],
  settled: readonly Settled[],
): void {
  const seen = new Map<string, Place>();
  operations.forEach((operation, i) => {
    for (const id of writtenIds(settled[i]!)) {
      const identity = `${operation.type}/${id}`;
      const other = seen.get(identity);
      if (other) throw overlap(identity, other, { operation, i });
      seen.set(identity, { operation, i });
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

const overlap = (identity: string, one: Place, other: Place) =>
  new FhirError('incorrect', [
    {
      ...errorIssue(
        'invalid',
        `${identity} stands in two entries of the transaction: a resource may be written only once in it.`,
      ),
      expression: entriesAt(one, other),
    },
  ]);

/** FHIRPath of both, in the order of the bundle. */
export const entriesAt = (one: Place, other: Place): string[] =>
  (one.i < other.i ? [one, other] : [other, one]).flatMap(({ operation }) => expressionOf(operation) ?? []);
