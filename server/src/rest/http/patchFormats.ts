import { JSON_PATCH, MERGE_PATCH } from '../../fhir/patch/patch.ts';

/** What a patch can be sent as; as a resource it is a FHIRPath Patch. */
export const PATCH_FORMATS = [
  'application/fhir+json',
  'application/fhir+xml',
  JSON_PATCH,
  MERGE_PATCH,
] as const;

/** Says so to clients (RFC 5789 3.1): it is the same on every URL that takes patches. */
export const ACCEPT_PATCH = { 'Accept-Patch': PATCH_FORMATS.join(', ') };
