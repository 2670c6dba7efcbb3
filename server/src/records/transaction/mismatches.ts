import { fhirError } from '../../fhir/outcome.ts';
import { OvertakenError } from '../../store/postgres/failures.ts';
import { notExpected } from '../notExpected.ts';
import type { PutTarget } from './settled.ts';
import { expressionOf, preconditions, type TransactionOperation } from './types.ts';

/** The error that a resource is not at the expected version. @param currentVersion 0: it does not exist */
export function mismatched(
  operation: TransactionOperation,
  target: PutTarget,
  currentVersion: number,
): Error {
  if (target.onMismatch === 'again') return new OvertakenError();
  if (target.onMismatch === 'conflict') return taken(operation);
  const what = operation.at === undefined ? `${operation.type}/${target.id}` : 'The resource of this entry';
  return notExpected(what, currentVersion, target.expectedVersion, preconditions(operation));
}

const taken = (operation: TransactionOperation) =>
  fhirError(
    'conflict',
    'duplicate',
    'No resource satisfies the criteria, but there is one under the id of the resource sent: leave the id out, or update that one by its id.',
    operation.at === undefined ? `${operation.type}.id` : expressionOf(operation, 'resource.id'),
  );
