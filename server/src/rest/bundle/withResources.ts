import { isJsonObject } from '../../fhir/patch/tree.ts';
import type { JsonObject } from '../../fhir/resource.ts';

/**
 * Corrects a bundle that HAPI's client makes of a list of resources (`transaction().withResources()`), which R4 does not allow so, but
 * which can mean one thing only: a `total` that counts the entries (bdl-1) is left out, and an entry that creates or updates, but
 * says no `url`, gets that of its resource.
 */
export function correctWithResources(bundle: JsonObject): void {
  const { entry: entries, total } = bundle;
  if (!Array.isArray(entries)) return;
  if (total === entries.length) delete bundle.total;
  for (const entry of entries as unknown[]) if (isJsonObject(entry)) addUrl(entry);
}

function addUrl({ request, resource }: JsonObject): void {
  if (!isJsonObject(request) || !isJsonObject(resource) || 'url' in request || '_url' in request) return;
  const { resourceType: type, id } = resource;
  if (typeof type !== 'string') return;
  if (request.method === 'POST') request.url = type;
  if (request.method === 'PUT' && typeof id === 'string') request.url = `${type}/${id}`;
}
