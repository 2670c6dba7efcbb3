import { fhirError } from '../../fhir/outcome.ts';
import type { ExpectedVersion } from '../../store/resource/types.ts';
import { notExpected } from '../notExpected.ts';
import { expressionOf, preconditions, type TransactionOperation } from './types.ts';

const whereCriteria = (operation: TransactionOperation) =>
  expressionOf(operation, operation.kind === 'create' ? 'request.ifNoneExist' : 'request.url');

/** Criteria that fit several. */
export const ambiguous = (operation: TransactionOperation) =>
  fhirError(
    'precondition-failed',
    'multiple-matches',
    'Several resources satisfy the criteria: give criteria that only one can satisfy, such as an identifier with its system.',
    whereCriteria(operation),
  );

/** A conditional delete of more than it may delete. */
export const tooMany = (operation: TransactionOperation, max: number) =>
  fhirError(
    'precondition-failed',
    'multiple-matches',
    max === 1
      ? 'Several resources satisfy the criteria, and this server deletes one at a time: give criteria that only one can satisfy.'
      : `More than ${max} resources satisfy the criteria: delete them in smaller parts.`,
    whereCriteria(operation),
  );

/** What criteria find is not at the version that the client expects. */
export const mismatch = (
  operation: TransactionOperation,
  version: number,
  expected: ExpectedVersion | undefined,
) => notExpected('The resource that satisfies the criteria', version, expected, preconditions(operation));

/** The client expects a version, and criteria find nothing. */
export const nothingToMatch = (operation: TransactionOperation) =>
  fhirError(
    'precondition-failed',
    'conflict',
    'No resource satisfies the criteria, so that there is no version to match.',
    expressionOf(operation, 'request.ifMatch'),
  );

/** The resource sent has another id than what its criteria find. */
export const otherId = (operation: TransactionOperation) =>
  fhirError(
    'incorrect',
    'invalid',
    'The resource that satisfies the criteria has another id than the resource sent: leave the id out, or correct it.',
    operation.at === undefined ? `${operation.type}.id` : expressionOf(operation, 'resource.id'),
  );

/** Criteria that refer to each other. */
export const circular = (operation: TransactionOperation) =>
  fhirError(
    'incorrect',
    'invalid',
    'The criteria of this entry refer to an entry whose own criteria refer to this one: at least one of them must do without.',
    whereCriteria(operation),
  );

/** A patch of what is not there. */
export const nothingToPatch = (operation: TransactionOperation) =>
  fhirError(
    'not-found',
    'not-found',
    'No resource satisfies the criteria: there is nothing to patch.',
    whereCriteria(operation),
  );
