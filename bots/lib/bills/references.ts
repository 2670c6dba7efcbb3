import type { Reference, Resource } from '@medplum/fhirtypes';

/** A reference to a stored resource. */
export function refer<N extends Resource['resourceType']>(resource: {
  resourceType: N;
  id?: string;
}): Reference<Extract<Resource, { resourceType: N }>> {
  return { reference: `${resource.resourceType}/${resource.id}` };
}

/** `Encounter` and `1` of `Encounter/1`, also where it is absolute or of a version. Undefined where it is none, or of another type. */
export function idOf(reference: { reference?: string } | undefined, type: string): string | undefined {
  const parts = reference?.reference?.replace(/\/_history\/[^/]+$/, '').split('/') ?? [];
  return parts.at(-2) === type ? parts.at(-1) : undefined;
}
