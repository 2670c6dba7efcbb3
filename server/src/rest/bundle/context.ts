import type { Definitions } from '../../fhir/definitions/types.ts';
import type { Binaries } from '../../records/binaries.ts';
import type { OperationParts } from '../interactions/operation.ts';
import type { FhirRequest } from '../http/types.ts';
import type { Turns } from './turns.ts';

/** What bundles are run on. */
export interface BundleParts extends OperationParts {
  /** For reads of bytes that were uploaded as they are. */
  binaries: Binaries;
}

/** What every entry of a bundle needs. */
export interface BundleContext extends BundleParts {
  definitions: Definitions;
  request: FhirRequest;
  /** Of searches, histories and operations in all bundles: each may hold a page in memory. */
  turns: Turns;
}
