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
  /** As it is written; absent: whichever is the current one. */
  version?: string;
}

const LOCAL = /^([A-Z][A-Za-z]*)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/** `Type/id`, also absolute or with a version, as long as it is of this server; undefined for anything else. */
export function localReference(
  definitions: Definitions,
  ownBase: string | undefined,
  written: string,
): LocalReference | undefined {
  const [, type, id, version] = LOCAL.exec(withoutOwnBase(written, ownBase)) ?? [];
  if (type === undefined || !definitions.isResourceType(type)) return undefined;
  return version === undefined ? { kind: 'local', type, id: id! } : { kind: 'local', type, id: id!, version };
}

/** The same, to whichever version is the current one. */
export function toCurrent<T extends FoundReference>(reference: T): T {
  if (reference.kind === 'canonical') return reference;
  const { version: _version, ...rest } = reference;
  return rest as T;
}

/** Texts of a resource that may lead to others. */
export interface ReferenceTexts {
  references: readonly string[];
  urls: readonly string[];
}

/**
 * Where the references of a resource lead, whether a search parameter names them or not, and its addresses that are a Binary
 * of this store.
 */
export function localReferences(
  definitions: Definitions,
  ownBase: string | undefined,
  { references, urls }: ReferenceTexts,
): LocalReference[] {
  const local = (texts: readonly string[]) =>
    texts.flatMap((text) => localReference(definitions, ownBase, text) ?? []);
  return [...local(references), ...local(urls).filter(({ type }) => type === 'Binary')];
}
