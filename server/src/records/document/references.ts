import type { Definitions } from '../../fhir/definitions/types.ts';
import type { Links } from '../../fhir/links/links.ts';
import type { Resource } from '../../fhir/resource.ts';
import { localReference } from '../../store/search/include/localReference.ts';
import { versionNumber } from '../../store/resource/versionNumber.ts';

/** A reference of a document to a resource of this server. */
export interface DocumentReference {
  type: string;
  id: string;
  /** `Type/id` */
  name: string;
  /** Of a reference to one version. */
  version?: number;
  /** As it stands in the resource. */
  written: string;
  /** Whether the document is not whole without it. */
  needed: boolean;
}

export interface ReferenceReading {
  definitions: Definitions;
  links: Links;
  /** Absolute URL of the FHIR base: references that begin with it are ours. */
  base: string;
}

/** No version has this number. */
const NO_VERSION = 0;
const VERSION = /\/_history\/([^/]+)$/;

/**
 * What a Composition refers to: all that is needed for its document (http://hl7.org/fhir/R4/documents.html#content) but the
 * documents that it replaces or adds to.
 */
export function compositionReferences(reading: ReferenceReading, composition: Resource): DocumentReference[] {
  const { resourceType, relatesTo } = composition;
  return [
    ...referencesIn(reading, { ...composition, relatesTo: undefined }, true),
    ...referencesIn(reading, { resourceType, relatesTo }, false),
  ];
}

/** The items of a List: of one that stands for a section they should be in the document. */
export function listReferences(
  reading: ReferenceReading,
  { resourceType, entry }: Resource,
): DocumentReference[] {
  return referencesIn(reading, { resourceType, entry }, false);
}

function referencesIn(
  { definitions, links, base }: ReferenceReading,
  resource: Resource,
  needed: boolean,
): DocumentReference[] {
  const found: DocumentReference[] = [];
  links.visit(resource, (written, kind) => {
    const local = kind === 'reference' ? localReference(definitions, base, written) : undefined;
    if (local === undefined) return;
    const { type, id } = local;
    const version = VERSION.exec(written)?.[1];
    found.push({
      type,
      id,
      name: `${type}/${id}`,
      ...(version !== undefined && { version: versionNumber(version) ?? NO_VERSION }),
      written,
      needed,
    });
  });
  return found;
}
