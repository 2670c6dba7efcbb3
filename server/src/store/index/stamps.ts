import type { Hop } from '../../fhir/path/resolvePath.ts';
import { asObject } from './values/json.ts';

/**
 * What the store writes into `meta` of each version (http://hl7.org/fhir/R4/resource.html#Meta). When a resource is indexed nobody knows it: a
 * client's content has something else there, or nothing. So no index row depends on it, and writers and walks make the same rows.
 */
const STAMPS: ReadonlySet<string> = new Set(['versionId', 'lastUpdated']);

/** Whether a path from a resource leads to a stamp. Resources inside of others have none: theirs is content. */
export function leadsToStamp(hops: readonly Hop[]): boolean {
  const names = hops.flatMap((hop) => (hop.kind === 'property' ? [hop.name] : []));
  return names.length === 2 && names[0] === 'meta' && STAMPS.has(names[1]!);
}

/** Whether a word of an expression is the name of a stamp. */
export const isStampName = (token: string): boolean => STAMPS.has(token.replaceAll('`', ''));

/** A resource, as an expression of any kind may see it: members in the order in which they are stored (content.ts), since it may ask for the first of them. */
export function withoutStamps(resource: unknown): unknown {
  const object = asObject(resource);
  if (!object) return resource;
  const { resourceType, id, meta, ...others } = object;
  const kept = Object.entries(asObject(meta) ?? {}).filter(([name]) => !STAMPS.has(name));
  return {
    resourceType,
    ...(id !== undefined && { id }),
    ...(kept.length > 0 && { meta: Object.fromEntries(kept) }),
    ...others,
  };
}
