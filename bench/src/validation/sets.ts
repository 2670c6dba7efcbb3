import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Resource } from '../../../server/src/fhir/resource.ts';
import { observation } from '../data/observation.ts';
import { dataPlan } from '../data/plan.ts';
import { syntheaBundles } from '../import/archive.ts';
import { CACHE_FOLDER, REPOSITORY } from '../paths.ts';

const GUIDE = 'igs/hl7.fhir.us.core-6.1.0.tgz';
const OBSERVATIONS = 500;
const SYNTHEA_BUNDLES = 10;

/** Observations of the generator, of 1.6 kB each, which claim no profile. */
export const observations = (): Resource[] =>
  Array.from({ length: OBSERVATIONS }, (_, index) => {
    const made = observation(dataPlan(1), index);
    return JSON.parse(JSON.stringify({ ...made, meta: { ...made.meta, profile: undefined } })) as Resource;
  });

/** All resources of some Synthea patients. */
export const syntheaResources = (): Resource[] =>
  syntheaBundles(REPOSITORY, CACHE_FOLDER)
    .slice(0, SYNTHEA_BUNDLES)
    .flatMap(({ text }) => JSON.parse(text.toString()) as { entry: { resource: Resource }[] })
    .flatMap(({ entry }) => entry.map(({ resource }) => resource));

export interface Guide {
  definitions: ReadonlyMap<string, StructureDefinition>;
  /** Examples that claim profiles of the guide. */
  examples: Resource[];
}

/** US Core 6.1, from SHARED_DIR. */
export const usCore = (): Guide => {
  const folder = unpacked(GUIDE, path.join(CACHE_FOLDER, 'us-core-6.1.0'));
  const definitions = new Map<string, StructureDefinition>();
  for (const resource of resourcesIn(path.join(folder, 'package'))) {
    if (resource.resourceType !== 'StructureDefinition') continue;
    const definition = resource as unknown as StructureDefinition;
    definitions.set(definition.url, definition);
  }
  const examples = resourcesIn(path.join(folder, 'package/example')).filter((resource) =>
    profilesOf(resource).some((canonical) => definitions.has(canonical)),
  );
  return { definitions, examples };
};

/** The profiles that a resource claims. */
export const profilesOf = ({ meta }: Resource): string[] =>
  Array.isArray(meta?.profile) ? (meta.profile as string[]) : [];

const resourcesIn = (folder: string): Resource[] =>
  readdirSync(folder)
    .filter((name) => /^[A-Z].*\.json$/.test(name))
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Resource);

const unpacked = (name: string, folder: string): string => {
  const archive = path.join(process.env.SHARED_DIR ?? path.join(REPOSITORY, '../shared'), name);
  if (existsSync(folder)) return folder;
  if (!existsSync(archive)) throw new Error(`the package is not at ${archive}: set SHARED_DIR`);
  const half = `${folder}.half`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', half]);
  renameSync(half, folder);
  return folder;
};
