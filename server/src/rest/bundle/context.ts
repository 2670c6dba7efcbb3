import type { Definitions } from '../../fhir/definitions/types.ts';
import type { Records } from '../../records/records.ts';
import type { FhirRequest } from '../http/types.ts';

/** What every entry of a bundle needs. */
export interface BundleContext {
  records: Records;
  definitions: Definitions;
  /** Absolute URL of the FHIR base. */
  base: string;
  request: FhirRequest;
}
