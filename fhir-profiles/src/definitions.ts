import type { CodeSystem, SearchParameter, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The kinds of definition that this workspace holds, each with its id. */
export type ProfileResource = (CodeSystem | SearchParameter | StructureDefinition | ValueSet) & {
  id: string;
};

/** Begins the canonical URL of everything that MaxRay defines. */
export const CANONICAL_BASE = 'https://maxray.example/fhir';

const RESOURCES = path.join(import.meta.dirname, '..', 'resources');

/** All of MaxRay's own definitions, in the order of their file names. Reads the files anew at each call. */
export function loadProfiles(): ProfileResource[] {
  const files = readdirSync(RESOURCES).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => JSON.parse(readFileSync(path.join(RESOURCES, file), 'utf8')));
}
