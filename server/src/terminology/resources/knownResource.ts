import type { JsonObject } from '../../fhir/resource.ts';
import { laterFirst } from '../../fhir/canonical.ts';

/**
 * Where a resource is from: what is from further up comes first where no version is asked for. R4's own come before what HL7 has
 * published since, so that what R4 binds goes on meaning what it meant.
 */
const ORIGINS = ['request', 'stored', 'r4', 'later', 'implicit'] as const;
export type Origin = (typeof ORIGINS)[number];

/** A resource with a canonical URL. */
export interface KnownResource {
  resource: JsonObject;
  /** Names this very content. */
  key: string;
  chars: number;
  origin: Origin;
}

export const known = (resource: JsonObject, key: string, origin: Origin): KnownResource => ({
  resource,
  key,
  chars: JSON.stringify(resource).length,
  origin,
});

export const versionOf = ({ resource }: KnownResource): string | undefined =>
  typeof resource.version === 'string' ? resource.version : undefined;

/** Of several versions of a canonical: the latest one of those whose origin comes first. */
export function firstOf(all: readonly KnownResource[]): KnownResource | undefined {
  const origin = ORIGINS.find((one) => all.some((candidate) => candidate.origin === one));
  const [first] = all
    .filter((candidate) => candidate.origin === origin)
    .sort((a, b) => laterFirst(versionOf(a), versionOf(b)));
  return first;
}
