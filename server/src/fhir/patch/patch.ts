import type { Definitions } from '../definitions/types.ts';
import { parseJson, type ParsedJson } from '../json/parse.ts';
import { fhirError } from '../outcome.ts';
import type { Resource } from '../resource.ts';
import { readFhirPathPatch } from './fhirpath/fhirPathPatch.ts';
import { readJsonPatch } from './jsonPatch.ts';
import { readMergePatch } from './mergePatch.ts';
import { jsonPatchOfParameters } from './parametersJsonPatch.ts';
import { isJsonObject } from './tree.ts';

/** Media types of JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396). */
export const JSON_PATCH = 'application/json-patch+json';
export const MERGE_PATCH = 'application/merge-patch+json';
/** Of a resource, which a FHIRPath Patch is. */
const RESOURCE_TYPES: ReadonlySet<string> = new Set(['application/fhir+json', 'application/json']);

/** Changes of a resource, understood and ready to be applied any number of times. */
export interface Patch {
  /**
   * The patched resource, as exact tree; the given one is not changed. It is a resource of some type, and nothing else
   * about it is known: whoever writes it checks it.
   *
   * @throws FhirError `unprocessable` with the operation that cannot be applied; nothing of the others is kept then
   */
  apply(resource: Resource): Resource;
}

/**
 * Reads a patch in one of the forms of http://hl7.org/fhir/R4/http.html#patch.
 *
 * @param mediaType without parameters, in lower case
 * @throws FhirError `incorrect` with what is wrong and where, `unsupported-media-type`
 */
export function readPatch(mediaType: string, body: ParsedJson, definitions: Definitions): Patch {
  requirePatchType(mediaType);
  if (mediaType === JSON_PATCH) return resourcePatch(readJsonPatch(body.exact));
  if (mediaType === MERGE_PATCH) return resourcePatch(readMergePatch(body.exact));
  return resourcePatch(readFhirPathPatch(body.exact, definitions));
}

/**
 * What can be said before the body is read.
 *
 * @param mediaType without parameters, in lower case
 * @throws FhirError `unsupported-media-type` when no patch is of that type
 */
export function requirePatchType(mediaType: string): void {
  if (!isPatchType(mediaType)) throw fhirError('unsupported-media-type', 'not-supported', PATCH_TYPES_TEXT);
}

const isPatchType = (mediaType: string) =>
  mediaType === JSON_PATCH || mediaType === MERGE_PATCH || RESOURCE_TYPES.has(mediaType);

const PATCH_TYPES_TEXT = `A patch is ${JSON_PATCH}, ${MERGE_PATCH}, or a Parameters resource with FHIRPath Patch operations as application/fhir+json or application/fhir+xml.`;
const BINARY_TYPES_TEXT = `The patch in a Binary is ${JSON_PATCH}, ${MERGE_PATCH}, or application/fhir+json of a Parameters resource: put one that is XML into the entry itself.`;

/**
 * Reads the patch of a bundle entry: a Parameters resource, or a Binary with the base64 of a patch
 * (http://hl7.org/fhir/R4/http.html#jsonpatch-transaction). A Parameters resource can also be a JSON Patch by other means.
 *
 * @throws FhirError `incorrect` with what is wrong and where
 */
export function patchOfEntry(
  resource: { value: Resource; exact: Resource },
  definitions: Definitions,
): Patch {
  if (resource.value.resourceType !== 'Binary') {
    const document = jsonPatchOfParameters(resource.exact);
    if (document !== undefined) return resourcePatch(readJsonPatch(document));
    return readPatch('application/fhir+json', resource, definitions);
  }
  const { contentType, data } = resource.value;
  if (typeof contentType !== 'string' || typeof data !== 'string') {
    throw fhirError('incorrect', 'required', 'A patch in a Binary needs contentType and data.', 'Binary');
  }
  const mediaType = contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (!isPatchType(mediaType)) {
    throw fhirError('incorrect', 'not-supported', BINARY_TYPES_TEXT, 'Binary.contentType');
  }
  return readPatch(mediaType, parseJson(Buffer.from(data, 'base64')), definitions);
}

function resourcePatch(apply: (resource: Resource) => unknown): Patch {
  return {
    apply(resource) {
      const patched = apply(resource);
      if (isJsonObject(patched) && typeof patched.resourceType === 'string') return patched as Resource;
      throw fhirError(
        'unprocessable',
        'structure',
        'What the patch leaves is no resource: keep resourceType.',
        resource.resourceType,
      );
    },
  };
}
