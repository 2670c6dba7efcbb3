import { fhirError } from '../../fhir/outcome.ts';
import { OvertakenError } from '../../store/postgres/failures.ts';
import type { PutTarget } from './settled.ts';
import { expressionOf, type TransactionOperation } from './types.ts';

/** The error that a resource is not at the expected version. @param currentVersion 0: it does not exist */
export function mismatched(
  operation: TransactionOperation,
  target: PutTarget,
  currentVersion: number,
): Error {
  if (target.onMismatch === 'again') return new OvertakenError();
  if (target.onMismatch === 'conflict') return taken(operation);
  const now = currentVersion === 0 ? 'does not exist' : `is at version ${currentVersion}`;
  const text =
    operation.at === undefined
      ? `${operation.type}/${target.id} ${now}: read it again and repeat the change on that version.`
      : `The resource of this entry ${now}, which is not the version that the entry asks for.`;
  const part = target.expectedVersion === 0 ? 'request.ifNoneMatch' : 'request.ifMatch';
  return fhirError('precondition-failed', 'conflict', text, expressionOf(operation, part));
}

const taken = (operation: TransactionOperation) =>
  fhirError(
    'conflict',
    'duplicate',
    'No resource satisfies the criteria, but there is one under the id of the resource sent: leave the id out, or update that one by its id.',
    operation.at === undefined ? `${operation.type}.id` : expressionOf(operation, 'resource.id'),
  );
