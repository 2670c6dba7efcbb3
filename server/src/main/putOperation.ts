import type { Resource } from '../fhir/resource.ts';
import type { TransactionOperation } from '../records/records.ts';

/** What stores a resource of ours under its own id. */
export function putOperation(resource: { resourceType: string; id: string }): TransactionOperation {
  const value = resource as Resource;
  return { kind: 'update', type: resource.resourceType, id: resource.id, resource: { value, exact: value } };
}
