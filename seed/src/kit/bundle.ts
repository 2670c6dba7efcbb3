import type { Reference, Resource } from '@medplum/fhirtypes';

/** A transaction that puts each resource at its own fixed id: posted twice, it changes nothing new. */
export interface TransactionBundle {
  resourceType: 'Bundle';
  id: string;
  type: 'transaction';
  entry: TransactionEntry[];
}

export interface TransactionEntry {
  resource: Resource & { id: string };
  request: { method: 'PUT'; url: string };
}

/** Wraps resources, each with its id, in the order given. */
export function transaction(id: string, resources: readonly Resource[]): TransactionBundle {
  return { resourceType: 'Bundle', id, type: 'transaction', entry: resources.map(entryOf) };
}

function entryOf(resource: Resource): TransactionEntry {
  const { resourceType, id } = resource;
  if (id === undefined) throw new TypeError(`a ${resourceType} of the demo clinic has no id`);
  return { resource: { ...resource, id }, request: { method: 'PUT', url: `${resourceType}/${id}` } };
}

/** A literal reference with a text for human readers. */
export function refer<T extends Resource>(
  type: T['resourceType'],
  id: string,
  display?: string,
): Reference<T> {
  const reference = `${type}/${id}`;
  return display === undefined ? { reference } : { reference, display };
}
