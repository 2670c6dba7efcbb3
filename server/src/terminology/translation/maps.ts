import { parseCanonical } from '../../fhir/canonical.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import { TerminologyError } from '../issue.ts';
import type { Coding } from '../model.ts';
import type { KnownResource } from '../resources/knownResource.ts';
import type { LibraryView } from '../resources/libraryView.ts';
import { string } from '../systems/readCodeSystem.ts';
import type { TranslateRequest } from './request.ts';

/** The maps by which a code is to be translated: the one that is named, else all that have the code. */
export async function mapsFor(
  view: LibraryView,
  request: TranslateRequest,
  { system, code }: Coding,
): Promise<JsonObject[]> {
  const { map, url, reverse } = request;
  const named = map ?? (url === undefined ? undefined : (await requireMap(view, url)).resource);
  if (named) return isBetween(named, request) ? [named] : [];
  if (system === undefined || code === undefined) return [];
  const { library } = view;
  const stored = await library.stored.mapsOf(reverse ? 'target' : 'source', system, code);
  const all = [
    ...view.broughtMaps.map(({ resource }) => resource),
    ...stored.map(({ content }) => JSON.parse(content) as JsonObject),
  ];
  if (all.length === 0) {
    const urls = (await library.hl7.canonicals('ConceptMap')).map((one) => one.url);
    for (const one of new Set(urls)) {
      all.push(...(await library.versions('ConceptMap', one)).map(({ resource }) => resource));
    }
  }
  return all.filter((one) => isBetween(one, request));
}

/** @throws TerminologyError where it is not known */
export async function requireMap(view: LibraryView, canonical: string): Promise<KnownResource> {
  const { url, version } = parseCanonical(canonical);
  const found = await view.find('ConceptMap', url, version);
  if (found) return found;
  throw new TerminologyError('not-found', {
    severity: 'error',
    code: 'not-found',
    type: 'not-found',
    text: `A definition for the concept map '${canonical}' could not be found`,
  });
}

/** Value sets that a map says nothing about are no hindrance. */
function isBetween(map: JsonObject, { source, target, reverse }: TranslateRequest): boolean {
  const side = (name: string) =>
    string(map[`${name}Uri`]) ?? string(map[`${name}Canonical`]) ?? string(map[`${name}Scope`]);
  const [from, to] = reverse ? ['target', 'source'] : ['source', 'target'];
  const fits = (said: string | undefined, wanted: string | undefined) =>
    said === undefined || wanted === undefined || parseCanonical(said).url === parseCanonical(wanted).url;
  return fits(side(from), source) && fits(side(to), target);
}
