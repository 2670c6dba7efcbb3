import { isJsonObject } from '../../fhir/patch/tree.ts';
import type { JsonObject } from '../../fhir/resource.ts';

const NAME = /^[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/;

/**
 * Corrects each fullUrl that says again what its request names, as clients of HAPI write it, but not as R4 wants it: `Type/id` alone
 * is left out, a URL of a version (bdl-8) becomes that of the resource. Nothing else can be meant.
 */
export function correctRepeatedUrls(entries: unknown): void {
  if (!Array.isArray(entries)) return;
  for (const entry of entries as unknown[]) if (isJsonObject(entry)) correctUrl(entry);
}

function correctUrl(entry: JsonObject): void {
  const { fullUrl, request } = entry;
  if (typeof fullUrl !== 'string' || !isJsonObject(request)) return;
  const { url } = request;
  const [versionless = ''] = fullUrl.split('/_history/', 1);
  if (typeof url !== 'string' || !versionless.endsWith(url) || !NAME.test(url)) return;
  if (versionless === url) delete entry.fullUrl;
  else if (versionless.endsWith(`/${url}`)) entry.fullUrl = versionless;
}
