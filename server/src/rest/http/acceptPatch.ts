import { JSON_PATCH, MERGE_PATCH } from '../../fhir/patch/patch.ts';

/** What a patch can be (RFC 5789 3.1): the same on every URL that takes patches. */
export const ACCEPT_PATCH = { 'Accept-Patch': [JSON_PATCH, MERGE_PATCH, 'application/fhir+json'].join(', ') };
