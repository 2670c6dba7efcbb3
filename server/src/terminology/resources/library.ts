import type { JsonObject } from '../../fhir/resource.ts';
import type { CanonicalType, StoredCanonicals } from '../../store/terminology/storedCanonicals.ts';
import type { Hl7Terminology } from '../../store/terminology/hl7Terminology.ts';
import type { ReleaseSystem, ReleaseSystems } from '../../store/terminology/releaseSystems.ts';
import type { TerminologyRevision } from '../../store/terminology/terminologyRevision.ts';
import { laterFirst } from '../../fhir/canonical.ts';
import { fitting } from '../versionMatches.ts';
import type { CodeSystemContent } from '../model.ts';
import { grammars } from '../systems/grammars.ts';
import { ISO_CODE_SYSTEMS } from '../systems/isoLists.ts';
import { MemorySystem, type RegexMatcher } from '../systems/memorySystem.ts';
import { readCodeSystem } from '../systems/readCodeSystem.ts';
import { RuleSystem } from '../systems/ruleSystem.ts';
import {
  readSupplement,
  SupplementedSystem,
  withSupplement,
  type Supplement,
} from '../systems/supplements.ts';
import { TableSystem } from '../systems/tableSystem.ts';
import { known, type KnownResource } from './knownResource.ts';
import { WeightedCache } from './weightedCache.ts';

/** What is kept of resources and code systems that were used, in characters of their JSON (a few bytes each in memory). */
const KEPT_CHARS_MAX = 24 * 1024 * 1024;

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
  /** Of those that were asked for. */
  readonly #iso = new Map<string, KnownResource>();
  readonly #systems = new WeightedCache<CodeSystemContent>(KEPT_CHARS_MAX);
  readonly #supplements = new WeightedCache<Supplement>(KEPT_CHARS_MAX);
  readonly #hl7 = new WeightedCache<Promise<KnownResource[]>>(KEPT_CHARS_MAX);
  #stored = new WeightedCache<Promise<KnownResource[]>>(KEPT_CHARS_MAX);
  #releases: Promise<ReleaseSystem[]> | undefined;
  #revision = '';

  constructor(parts: LibraryParts) {
    this.#parts = parts;
    this.#rules = new Map(grammars().map((one) => [one.url, new RuleSystem(one, parts.regex)]));
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

  /** Every version of a canonical that is stored or that HL7 has published. */
  async versions(type: CanonicalType, url: string): Promise<KnownResource[]> {
    const stored = await this.#storedVersions(type, url);
    const iso = type === 'CodeSystem' ? this.#isoSystem(url) : undefined;
    return [...stored, ...(await this.#hl7Versions(type, url)), ...(iso ? [iso] : [])];
  }

  #isoSystem(url: string): KnownResource | undefined {
    const read = ISO_CODE_SYSTEMS.get(url);
    let system = this.#iso.get(url);
    if (read && !system) this.#iso.set(url, (system = known(read(url), `iso ${url}`, 'r4')));
    return system;
  }

  #storedVersions(type: CanonicalType, url: string): Promise<KnownResource[]> {
    return kept(this.#stored, `${type} ${url}`, async () => {
      const all = await this.#parts.stored.byUrl(type, url);
      return all.flatMap(({ id, content }): KnownResource[] => {
        const resource = JSON.parse(content) as JsonObject;
        if (resource.url !== url) return []; // a search also takes `url|version` apart
        const version = (resource.meta as JsonObject | undefined)?.versionId;
        const key = `${type}/${id}/${String(version)}`;
        return [{ resource, key, chars: content.length, origin: 'stored' }];
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
      for (const one of supplements) read = withSupplement(read, this.#supplement(one));
      system = new MemorySystem(read, this.#parts.regex);
      this.#systems.set(
        key,
        system,
        [of, ...supplements].reduce((sum, { chars }) => sum + chars, 0),
      );
    }
    return system;
  }

  #supplement(of: KnownResource): Supplement {
    let supplement = this.#supplements.get(of.key);
    if (supplement === undefined)
      this.#supplements.set(of.key, (supplement = readSupplement(of.resource)), of.chars);
    return supplement;
  }

  /** What {@link special} gave, with supplements. */
  supplemented(system: CodeSystemContent, supplements: readonly KnownResource[]): CodeSystemContent {
    if (supplements.length === 0) return system;
    return new SupplementedSystem(
      system,
      supplements.map((one) => this.#supplement(one)),
    );
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
      ...[...this.#rules.keys(), ...ISO_CODE_SYSTEMS.keys()].map((url) => ({ url, version: undefined })),
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
