import type { Definitions } from '../fhir/definitions/types.ts';
import type { Records } from '../records/records.ts';
import type { Operation } from './operation.ts';

/** Every operation that the server has; main.ts makes the registry of them. */
export function allOperations(_records: Records, _definitions: Definitions): Operation[] {
  return [];
}
