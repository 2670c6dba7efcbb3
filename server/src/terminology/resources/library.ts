import type { JsonObject } from '../../fhir/resource.ts';
import type { CanonicalType, StoredCanonicals } from '../../store/terminology/storedCanonicals.ts';
import type { Hl7Terminology } from '../../store/terminology/hl7Terminology.ts';
import type { ReleaseSystem, ReleaseSystems } from '../../store/terminology/releaseSystems.ts';
import type { TerminologyRevision } from '../../store/terminology/terminologyRevision.ts';
import { laterFirst, parseCanonical } from '../../fhir/canonical.ts';
import { fitting } from '../versionMatches.ts';
import { TerminologyError } from '../issue.ts';
import type { CodeSystemContent } from '../model.ts';
import { grammars } from '../systems/grammars.ts';
import { isoCodeSystems } from '../systems/isoLists.ts';
import { MemorySystem, type RegexMatcher } from '../systems/memorySystem.ts';
import { readCodeSystem, withSupplement } from '../systems/readCodeSystem.ts';
import { RuleSystem } from '../systems/ruleSystem.ts';
import { TableSystem } from '../systems/tableSystem.ts';
import { implicitValueSet } from '../valueSets/implicit.ts';
import { firstOf, known, versionOf, type KnownResource } from './knownResource.ts';
import { WeightedCache } from './weightedCache.ts';

/** What is kept of resources and code systems that were used, in characters of their JSON (a few bytes each in memory). */
const KEPT_CHARS_MAX = 24 * 1024 * 1024;
/** Value sets and code systems that a request may bring along. */
export const TX_RESOURCES_MAX = 200;

export interface KnownSystem {
  url: string;
  versions: string[];
}

export interface LibraryParts {
  revision: TerminologyRevision;
  stored: StoredCanonicals;
  hl7: Hl7Terminology;
  releases: ReleaseSystems;
  regex: RegexMatcher;
}

/** Every code system, value set and concept map that is known here, as of now and to everybody. */
export class Library {
  readonly #parts: LibraryParts;
  readonly #rules: ReadonlyMap<string, RuleSystem>;
  readonly #iso: ReadonlyMap<string, KnownResource>;
  readonly #systems = new WeightedCache<CodeSystemContent>(KEPT_CHARS_MAX);
  readonly #hl7 = new WeightedCache<Promise<KnownResource[]>>(KEPT_CHARS_MAX);
  #stored = new WeightedCache<Promise<KnownResource[]>>(KEPT_CHARS_MAX);
  #releases: Promise<ReleaseSystem[]> | undefined;
  #revision = '';

  constructor(parts: LibraryParts) {
    this.#parts = parts;
    this.#rules = new Map(grammars().map((one) => [one.url, new RuleSystem(one, parts.regex)]));
    this.#iso = new Map(
      isoCodeSystems().map((one) => [String(one.url), known(one, `iso ${String(one.url)}`, 'r4')]),
    );
  }

  /** Changes whenever anything stored may have another meaning; also forgets what was known. */
  async refresh(): Promise<string> {
    const revision = await this.#parts.revision.current();
    if (revision !== this.#revision) {
      this.#stored.clear();
      this.#releases = undefined;
      this.#revision = revision;
    }
    return revision;
  }

  /** As one request sees it, with what it brings along itself. @throws TerminologyError when that is too much */
  async view(brought: readonly JsonObject[] = []): Promise<LibraryView> {
    if (brought.length > TX_RESOURCES_MAX)
      throw new TerminologyError('incorrect', {
        severity: 'error',
        code: 'too-costly',
        text: `A request may bring ${TX_RESOURCES_MAX} resources along (tx-resource): store them instead.`,
      });
    const revision = await this.refresh();
    return new LibraryView(this, revision, brought);
  }

  /** Every version of a canonical that is stored or that HL7 has published. */
  async versions(type: CanonicalType, url: string): Promise<KnownResource[]> {
    const stored = await this.#storedVersions(type, url);
    const iso = type === 'CodeSystem' ? this.#iso.get(url) : undefined;
    return [...stored, ...(await this.#hl7Versions(type, url)), ...(iso ? [iso] : [])];
  }

  #storedVersions(type: CanonicalType, url: string): Promise<KnownResource[]> {
    return kept(this.#stored, `${type} ${url}`, async () => {
      const all = await this.#parts.stored.byUrl(type, url);
      return all.map(({ id, content }) => {
        const resource = JSON.parse(content) as JsonObject;
        const version = (resource.meta as JsonObject | undefined)?.versionId;
        const key = `${type}/${id}/${String(version)}`;
        return { resource, key, chars: content.length, origin: 'stored' };
      });
    });
  }

  #hl7Versions(type: CanonicalType, url: string): Promise<KnownResource[]> {
    const key = `${type} ${url}`;
    return kept(this.#hl7, key, async () => {
      const all = await this.#parts.hl7.byUrl(type, url);
      return all.map(({ edition, resource }, i) => known(resource, `hl7 ${key} ${i}`, edition));
    });
  }

  /** The concepts of a CodeSystem resource with its supplements. */
  system(of: KnownResource, supplements: readonly KnownResource[]): CodeSystemContent {
    const key = [of, ...supplements].map((one) => one.key).join(' ');
    let system = this.#systems.get(key);
    if (system === undefined) {
      let read = readCodeSystem(of.resource);
      for (const one of supplements) {
        const { url, version } = one.resource;
        const canonical = version === undefined ? String(url) : `${String(url)}|${String(version)}`;
        read = withSupplement(read, readCodeSystem(one.resource), canonical);
      }
      system = new MemorySystem(read, this.#parts.regex);
      this.#systems.set(
        key,
        system,
        [of, ...supplements].reduce((sum, { chars }) => sum + chars, 0),
      );
    }
    return system;
  }

  /** A code system that is a grammar or was loaded from a release. */
  async special(url: string, version: string | undefined): Promise<CodeSystemContent | undefined> {
    const rule = this.#rules.get(url);
    if (rule !== undefined) return rule;
    const [chosen] = fitting(await this.#releasesOf(url), version, ({ header }) => header.version).toSorted(
      (a, b) => laterFirst(a.header.version, b.header.version),
    );
    return chosen && new TableSystem(chosen, this.#parts.releases);
  }

  /** Versions of a code system that was loaded from releases. */
  async specialVersions(url: string): Promise<string[]> {
    return (await this.#releasesOf(url)).flatMap(({ header }) => header.version ?? []);
  }

  async #releasesOf(url: string): Promise<ReleaseSystem[]> {
    this.#releases ??= this.#parts.releases.all();
    this.#releases.catch(() => (this.#releases = undefined));
    return (await this.#releases).filter(({ header }) => header.url === url);
  }

  /** The code systems whose codes are known, with the versions that say which they are. */
  async knownSystems(): Promise<KnownSystem[]> {
    await this.refresh();
    const { stored, hl7, releases } = this.#parts;
    const all = [
      ...(await stored.systems()),
      ...(await releases.all()).map(({ header: { url, version } }) => ({ url, version })),
      ...[...this.#rules.keys(), ...this.#iso.keys()].map((url) => ({ url, version: undefined })),
      ...(await hl7.canonicals('CodeSystem')),
    ];
    const versions = new Map<string, Set<string>>();
    for (const { url, version } of all) {
      const known = versions.get(url) ?? new Set();
      versions.set(url, version === undefined ? known : known.add(version));
    }
    return [...versions].map(([url, known]) => ({ url, versions: [...known].sort() }));
  }

  get stored(): StoredCanonicals {
    return this.#parts.stored;
  }

  get hl7(): Hl7Terminology {
    return this.#parts.hl7;
  }

  get releases(): ReleaseSystems {
    return this.#parts.releases;
  }
}

/** What was read before, or is being read: kept by what it weighs when that is known. */
function kept(
  cache: WeightedCache<Promise<KnownResource[]>>,
  key: string,
  read: () => Promise<KnownResource[]>,
): Promise<KnownResource[]> {
  const before = cache.get(key);
  if (before) return before;
  const found = read();
  cache.set(key, found, key.length);
  found.then(
    (all) => {
      const weight = all.reduce((sum, { chars }) => sum + chars, key.length);
      if (cache.get(key) === found) cache.set(key, found, weight);
    },
    () => cache.delete(key),
  );
  return found;
}

/** What a CodeSystem resource says of itself that has no codes of its own. */
const CONCEPTS_ELSEWHERE: ReadonlySet<unknown> = new Set(['not-present', 'supplement']);

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
    if (!hasConcepts) {
      const special = await this.library.special(url, version);
      if (special) return special;
    }
    if (!found || !hasConcepts) return undefined;
    const added: KnownResource[] = [];
    for (const text of supplements) {
      const canonical = parseCanonical(text);
      const one = await this.find('CodeSystem', canonical.url, canonical.version);
      if (one && parseCanonical(String(one.resource.supplements)).url === url) added.push(one);
    }
    return this.library.system(found, added);
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
