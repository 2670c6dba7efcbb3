import type { StoredStructures } from '../../store/structures/storedStructures.ts';
import type { InstalledPackages } from './installedPackages.ts';

/** Profiles that are told of; a store with more has become a registry. */
export const SUPPORTED_PROFILES_MAX = 10_000;
/** Implementation guides that are told of, besides those of packages. */
export const SUPPORTED_GUIDES_MAX = 1_000;

/** What a CapabilityStatement says of profiles (http://hl7.org/fhir/R4/capabilitystatement.html). */
export interface Supported {
  /** Canonicals by resource type. */
  profiles: ReadonlyMap<string, readonly string[]>;
  /** Canonicals of implementation guides. */
  guides: readonly string[];
}

/** The profiles that are stored, and the guides that are stored or whose packages are loaded. */
export class SupportedProfiles {
  readonly #structures: StoredStructures;
  readonly #installed: InstalledPackages;
  #known: Supported | undefined;
  /** Canonicals of the guides that are stored. */
  #stored: readonly string[] = [];
  #revision: number | undefined;

  constructor(structures: StoredStructures, installed: InstalledPackages) {
    this.#structures = structures;
    this.#installed = installed;
  }

  /** The same object until something changes. */
  async current(): Promise<Supported> {
    const revision = this.#structures.revision();
    const ofPackages = (await this.#installed.all()).flatMap(({ guide, version }) =>
      guide === undefined ? [] : [`${guide}|${version}`],
    );
    const isNew = this.#known === undefined || this.#revision !== revision;
    if (isNew) this.#stored = (await this.#structures.guides(SUPPORTED_GUIDES_MAX)).map(canonicalOf);
    const guides = [...new Set([...ofPackages, ...this.#stored])];
    if (this.#known === undefined || isNew) {
      this.#known = { profiles: await this.#profiles(), guides };
      this.#revision = revision;
    } else if (this.#known.guides.join() !== guides.join()) {
      this.#known = { ...this.#known, guides };
    }
    return this.#known;
  }

  async #profiles(): Promise<Supported['profiles']> {
    const profiles = new Map<string, string[]>();
    for (const { type, ...profile } of await this.#structures.profiles(SUPPORTED_PROFILES_MAX)) {
      const ofType = profiles.get(type) ?? [];
      ofType.push(canonicalOf(profile));
      profiles.set(type, ofType);
    }
    return profiles;
  }
}

const canonicalOf = ({ url, version }: { url: string; version: string | null }): string =>
  version === null ? url : `${url}|${version}`;
