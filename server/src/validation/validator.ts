import type { Issue } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';

/** Checks resources against FHIR's definitions. */
export interface Validator {
  /**
   * The faults of a resource, in document order, empty when there are none. Never throws on any JSON value;
   * stops after `ISSUES_MAX` issues. `resource.resourceType` must already be a known resource type.
   */
  validate(resource: Resource): Issue[];
}
