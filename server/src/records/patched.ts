import { parseExact } from '../fhir/json/parse.ts';
import { fhirError } from '../fhir/outcome.ts';
import type { Patch } from '../fhir/patch/patch.ts';
import type { Resource } from '../fhir/resource.ts';
import { contentParts, contentText } from '../store/resource/content.ts';
import type { StoredVersion } from '../store/resource/types.ts';
import { asResource, checkValid, type IncomingResource, type PrepareParts } from './prepare.ts';

/** Most characters of a patched resource: patch by patch it could grow beyond what any request may bring. */
const PATCHED_CHARS_MAX = 2 ** 26;

/**
 * What a patch makes of a version (http://hl7.org/fhir/R4/http.html#patch), checked as any resource that is written.
 *
 * @returns undefined where it changes nothing
 * @throws FhirError when the patch cannot be applied, changes the type or the id, or leads to what is no valid resource
 */
export async function patchedVersion(
  parts: Pick<PrepareParts, 'definitions' | 'validator'>,
  type: string,
  current: StoredVersion & { content: string },
  patch: Patch,
): Promise<IncomingResource | undefined> {
  const { id, version, lastUpdated, content } = current;
  const exact = patch.apply(parseExact(content) as Resource);
  const text = JSON.stringify(exact);
  if (text.length > PATCHED_CHARS_MAX) throw tooLarge(type);
  const resource = asResource(parts.definitions, { value: JSON.parse(text), exact });
  if (resource.value.resourceType !== type || resource.value.id !== id) throw renamed(type);
  await checkValid(parts.validator, resource.value);
  const isSame = contentText(contentParts(resource.exact, id), version, lastUpdated) === content;
  return isSame ? undefined : resource;
}

const tooLarge = (type: string) =>
  fhirError(
    'unprocessable',
    'too-long',
    `The patch would make the resource larger than ${PATCHED_CHARS_MAX} characters: split it into several resources.`,
    type,
  );

const renamed = (type: string) =>
  fhirError(
    'unprocessable',
    'business-rule',
    'A patch may not change the type or the id of a resource.',
    `${type}.id`,
  );
