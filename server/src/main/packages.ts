import { homedir } from 'node:os';
import path from 'node:path';
import { FhirError, isBusy } from '../fhir/outcome.ts';
import { LOCAL_CALLER } from '../records/caller.ts';
import type { InstalledPackages } from '../records/packages/installedPackages.ts';
import { archiveFiles } from '../records/packages/packageFiles.ts';
import { isArchive, isExact, parsePackageWish } from '../records/packages/packageName.ts';
import { FHIR_REGISTRY, PackageSources } from '../records/packages/packageSources.ts';
import { Packages } from '../records/packages/packages.ts';
import type { Records } from '../records/records.ts';
import type { IndexRecords } from '../records/searchParameters.ts';
import type { Log } from '../store/postgres/log.ts';

export interface PackageDoors {
  records: Records;
  index: IndexRecords;
  installed: InstalledPackages;
  log: Log;
}

/** Packages by name: from the cache of FHIR's tools, else from HL7's registry. */
export const packageSources = (): PackageSources =>
  new PackageSources({ cacheDir: path.join(homedir(), '.fhir', 'packages'), registry: FHIR_REGISTRY });

/**
 * Loads the packages of FHIR_PACKAGES that are not loaded yet, and has their search parameters indexed. One that cannot be had
 * is logged: the server works without it.
 */
export async function loadPackages(
  { records, index, installed, log }: PackageDoors,
  names: readonly string[],
  onProgress: (message: string) => void,
): Promise<void> {
  const packages = new Packages(records, installed, packageSources());
  let written = 0;
  for (const name of names) {
    try {
      const added = await addOne(packages, installed, name, onProgress);
      written += added?.packages.reduce((sum, one) => sum + one.written, 0) ?? 0;
      for (const one of added?.missing ?? [])
        log('warn', `${one.name} is needed by ${name}, but was not loaded: ${one.reason}`);
      for (const { refused } of added?.packages ?? [])
        for (const { resource, reason } of refused)
          log('warn', `${resource} of ${name} is left out: ${reason}`);
    } catch (error) {
      if (!(error instanceof FhirError) || isBusy(error)) throw error;
      log('error', `FHIR_PACKAGES: ${error.message}`);
    }
  }
  if (written > 0) await indexParameters(index);
}

async function addOne(
  packages: Packages,
  installed: InstalledPackages,
  name: string,
  onProgress: (message: string) => void,
) {
  if (isArchive(name)) return packages.add(LOCAL_CALLER, archiveFiles(path.resolve(name)), onProgress);
  const wish = parsePackageWish(name);
  const { version } = wish;
  const isKnown =
    isExact(wish) && (await installed.find({ name: wish.name, version: version! })) !== undefined;
  return isKnown ? undefined : packages.add(LOCAL_CALLER, wish, onProgress);
}

/** Searches by a new parameter wait for its index. */
async function indexParameters(index: IndexRecords): Promise<void> {
  const { parameters } = await index.status(LOCAL_CALLER);
  const pending = parameters.filter(({ ready, fault }) => !ready && fault === undefined);
  for (const type of new Set(pending.flatMap(({ types }) => types)))
    await index.reindex(LOCAL_CALLER, { type });
}
