import type { Resource } from '../resource.ts';

/** FHIRPath of the first element of a resource that refers by this text; of the resource itself where none does. */
export function referencePlace(resource: Resource, reference: string): string {
  return placeIn(resource, reference, resource.resourceType) ?? resource.resourceType;
}

function placeIn(value: unknown, reference: string, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ((value as { reference?: unknown }).reference === reference) return path;
  const isList = Array.isArray(value);
  for (const [name, part] of Object.entries(value)) {
    const place = placeIn(part, reference, isList ? `${path}[${name}]` : `${path}.${name}`);
    if (place !== undefined) return place;
  }
  return undefined;
}
