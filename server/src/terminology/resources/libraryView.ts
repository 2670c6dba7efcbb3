import type { JsonObject } from '../../fhir/resource.ts';
import type { CanonicalType } from '../../store/terminology/storedCanonicals.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import { fitting, versionMatches } from '../versionMatches.ts';
import { TerminologyError } from '../issue.ts';
import type { CodeSystemContent } from '../model.ts';
import { implicitValueSet } from '../valueSets/implicit.ts';
import { firstOf, known, versionOf, type KnownResource } from './knownResource.ts';
import type { Library } from './library.ts';

/** What a CodeSystem resource says of itself that has no codes of its own. */
const CONCEPTS_ELSEWHERE: ReadonlySet<unknown> = new Set(['not-present', 'supplement']);

/** Value sets and code systems that a request may bring along. */
export const TX_RESOURCES_MAX = 200;

/** The library as one request sees it, with what it brings along itself. @throws TerminologyError when that is too much */
export async function viewOf(library: Library, brought: readonly JsonObject[] = []): Promise<LibraryView> {
  if (brought.length > TX_RESOURCES_MAX)
    throw new TerminologyError('incorrect', {
      severity: 'error',
      code: 'too-costly',
      text: `A request may bring ${TX_RESOURCES_MAX} resources along (tx-resource): store them instead.`,
    });
  return new LibraryView(library, await library.refresh(), brought);
}

/** The library as one request sees it. */
export class LibraryView {
  readonly revision: string;
  readonly library: Library;
  readonly #brought: readonly KnownResource[];

  constructor(library: Library, revision: string, brought: readonly JsonObject[]) {
    this.library = library;
    this.#brought = brought.map((resource) => {
      const text = JSON.stringify(resource);
      return { resource, key: `tx ${text}`, chars: 2 * text.length, origin: 'request' };
    });
    this.revision = brought.length === 0 ? revision : '';
  }

  /** A resource by its canonical: that version, or the latest one of those whose origin comes first. */
  async find(type: CanonicalType, url: string, version?: string): Promise<KnownResource | undefined> {
    const all = [...this.#of(type, url), ...(await this.library.versions(type, url))];
    const found = firstOf(fitting(all, version, versionOf));
    return found ?? (type === 'ValueSet' ? this.#implicit(url) : undefined);
  }

  #implicit(url: string): KnownResource | undefined {
    const resource = implicitValueSet(url);
    return resource && known(resource, `implicit ${url}`, 'implicit');
  }

  /** One version of a code system with its concepts; undefined where it is not known. */
  async system(
    url: string,
    version?: string,
    supplements: readonly string[] = [],
  ): Promise<CodeSystemContent | undefined> {
    const found = await this.find('CodeSystem', url, version);
    const hasConcepts = found !== undefined && !CONCEPTS_ELSEWHERE.has(found.resource.content);
    if (hasConcepts) {
      const added = await this.#supplementsOf(url, versionOf(found), supplements);
      return this.library.system(found, added);
    }
    const special = await this.library.special(url, version);
    if (!special) return undefined;
    const added = await this.#supplementsOf(url, special.header.version, supplements);
    return this.library.supplemented(special, added);
  }

  /** Those of some supplements that are about a version of a code system. */
  async #supplementsOf(
    url: string,
    version: string | undefined,
    supplements: readonly string[],
  ): Promise<KnownResource[]> {
    const added: KnownResource[] = [];
    for (const text of supplements) {
      const canonical = parseCanonical(text);
      const one = await this.find('CodeSystem', canonical.url, canonical.version);
      if (!one) continue;
      const of = parseCanonical(String(one.resource.supplements));
      if (of.url === url && (of.version === undefined || versionMatches(of.version, version)))
        added.push(one);
    }
    return added;
  }

  /** The versions of a code system that are known, in order. */
  async systemVersions(url: string): Promise<string[]> {
    const all = [...this.#of('CodeSystem', url), ...(await this.library.versions('CodeSystem', url))];
    const texts = all.flatMap(({ resource }) =>
      typeof resource.version === 'string' ? resource.version : [],
    );
    return [...new Set([...texts, ...(await this.library.specialVersions(url))])].sort();
  }

  /** The concept maps that the request brings along. */
  get broughtMaps(): KnownResource[] {
    return this.#brought.filter(({ resource }) => resource.resourceType === 'ConceptMap');
  }

  #of(type: CanonicalType, url: string): KnownResource[] {
    return this.#brought.filter(({ resource }) => resource.resourceType === type && resource.url === url);
  }
}
