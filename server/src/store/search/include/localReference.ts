import type { Definitions } from '../../../fhir/definitions/types.ts';
import { withoutOwnBase } from '../../index/values/reference.ts';

/** Where a reference of a resource leads, if it may lead to a resource of this store. */
export type FoundReference =
  | LocalReference
  /** `version` absent: any version. `types`: resource types that it may name. */
  | { kind: 'canonical'; url: string; version?: string; types: readonly string[] };

export interface LocalReference {
  kind: 'local';
  type: string;
  id: string;
}

const LOCAL = /^([A-Z][A-Za-z]*)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** `Type/id`, also absolute or with a version, as long as it is of this server; undefined for anything else. */
export function localReference(
  definitions: Definitions,
  ownBase: string | undefined,
  written: string,
): LocalReference | undefined {
  const [, type, id] = LOCAL.exec(withoutOwnBase(written, ownBase)) ?? [];
  if (type === undefined || !definitions.isResourceType(type)) return undefined;
  return { kind: 'local', type, id: id! };
}

/**
 * Every reference in a resource (plain JSON) to another of this store, whether a search parameter names it or not,
 * and every attachment's address that is a Binary of this store.
 */
export function everyReference(
  definitions: Definitions,
  ownBase: string | undefined,
  resource: unknown,
): LocalReference[] {
  const found: LocalReference[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) return value.forEach(visit);
    const { reference, url } = value as { reference?: unknown; url?: unknown };
    if (typeof reference === 'string') add(localReference(definitions, ownBase, reference));
    if (typeof url === 'string') {
      const address = localReference(definitions, ownBase, url);
      if (address?.type === 'Binary') add(address);
    }
    Object.values(value).forEach(visit);
  };
  const add = (reference: LocalReference | undefined) => void (reference && found.push(reference));
  visit(resource);
  return found;
}
