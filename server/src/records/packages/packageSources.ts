import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fhirError } from '../../fhir/outcome.ts';
import { archiveFiles, folderFiles, type PackageFiles } from './packageFiles.ts';
import { chosenVersion, isExact, packageText, type PackageWish } from './packageName.ts';

/** Where packages come from that are named. */
export interface PackageSourceSettings {
  /** The package cache of FHIR's tools: a folder with folders `NAME#VERSION`. */
  cacheDir: string;
  /** URL of a FHIR package registry, without a slash at its end; undefined: none is asked. */
  registry: string | undefined;
}

/** HL7's registry of FHIR packages. */
export const FHIR_REGISTRY = 'https://packages.fhir.org';

/** Largest archive that is fetched. */
export const PACKAGE_ARCHIVE_BYTES_MAX = 512 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 120_000;

/** Finds packages by their name: in the local cache, else in the registry. */
export class PackageSources {
  readonly #settings: PackageSourceSettings;

  constructor(settings: PackageSourceSettings) {
    this.#settings = settings;
  }

  /** @throws FhirError `not-found` when it can be had nowhere, with why */
  async find(wish: PackageWish): Promise<PackageFiles> {
    const cached = await this.#cached(wish);
    if (cached) return cached;
    const { registry } = this.#settings;
    if (registry === undefined) throw notFound(wish, 'no registry is asked');
    try {
      return archiveFiles(await fetchPackage(registry, wish));
    } catch (error) {
      if ((error as Error).name === 'FhirError') throw error;
      throw notFound(wish, `the registry cannot be reached (${reasonOf(error)})`);
    }
  }

  async #cached(wish: PackageWish): Promise<PackageFiles | undefined> {
    const { cacheDir } = this.#settings;
    const folders = await readdir(cacheDir).catch(() => []);
    const start = `${wish.name}#`;
    const versions = folders.filter((one) => one.startsWith(start)).map((one) => one.slice(start.length));
    const version = isExact(wish)
      ? versions.find((one) => one === wish.version)
      : chosenVersion(wish, versions);
    return version === undefined ? undefined : folderFiles(path.join(cacheDir, start + version));
  }
}

async function fetchPackage(registry: string, wish: PackageWish): Promise<Buffer> {
  const version = isExact(wish) ? wish.version! : await latestVersion(registry, wish);
  return fetchBytes(`${registry}/${wish.name}/${version}`, wish);
}

async function latestVersion(registry: string, wish: PackageWish): Promise<string> {
  const listing = JSON.parse((await fetchBytes(`${registry}/${wish.name}`, wish)).toString()) as {
    versions?: Record<string, unknown>;
  } | null;
  const version = chosenVersion(wish, Object.keys(listing?.versions ?? {}));
  if (version === undefined) throw notFound(wish, 'the registry has no such version');
  return version;
}

async function fetchBytes(url: string, wish: PackageWish): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok || response.body === null) throw notFound(wish, `the registry answers ${response.status}`);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > PACKAGE_ARCHIVE_BYTES_MAX)
      throw fhirError(
        'too-large',
        'too-long',
        `The package ${packageText(wish)} is larger than ${PACKAGE_ARCHIVE_BYTES_MAX} bytes.`,
      );
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? message;
};

const notFound = (wish: PackageWish, why: string) =>
  fhirError(
    'not-found',
    'not-found',
    `The package ${packageText(wish)} is not in the local cache, and ${why}: load its .tgz file.`,
  );
