import type { Definitions } from '../../fhir/definitions/types.ts';
import type { OperationParts } from '../interactions/operation.ts';
import type { FhirRequest } from '../http/types.ts';
import type { Turns } from './turns.ts';

/** What every entry of a bundle needs. */
export interface BundleContext extends OperationParts {
  definitions: Definitions;
  request: FhirRequest;
  /** Of searches and operations in all bundles: each may hold a page in memory. */
  turns: Turns;
}
