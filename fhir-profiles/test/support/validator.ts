import type { CodeSystem, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import { loadProfiles, type ProfileResource } from '@maxray/fhir-profiles';
import { compactStructure } from '@maxray/server/src/fhir/structures/structure.ts';
import { createValidator } from '@maxray/server/src/validation/createValidator.ts';
import { createInvariants } from '@maxray/server/src/validation/invariants/createInvariants.ts';
import { createProfiles } from '@maxray/server/src/validation/profiles/profiles.ts';
import type { Validator } from '@maxray/server/src/validation/validator.ts';
import { structurePort, type R4 } from '@maxray/server/test/validation/profiles/support.ts';

/** A validator that knows MaxRay's own definitions besides R4's, and nothing else. */
export function ownValidator(r4: R4): Validator {
  const own = loadProfiles();
  const structures = own.filter(isStructure).map((one) => compactStructure(one));
  const invariants = createInvariants(r4.definitions);
  const port = structurePort(r4, new Map(structures.map((one) => [one.url, one])));
  const profiles = createProfiles(r4.definitions, port, {
    members: async (valueSet) => membersOf(own, valueSet),
    invariantTest: invariants.testOf,
  });
  return createValidator(r4.definitions, { mode: 'profiles', profiles, invariants: invariants.at });
}

const isStructure = (one: ProfileResource): one is StructureDefinition & { id: string } =>
  one.resourceType === 'StructureDefinition';

/** Ours list their codes, or take whole code systems of ours. */
function membersOf(own: readonly ProfileResource[], url: string): ReadonlySet<string> | undefined {
  const find = <T extends ValueSet | CodeSystem>(type: T['resourceType'], canonical = '') =>
    own.find((one) => one.resourceType === type && one.url === canonical) as T | undefined;
  const include = find<ValueSet>('ValueSet', url)?.compose?.include;
  const codes = include?.flatMap(({ system, concept }) =>
    (concept ?? find<CodeSystem>('CodeSystem', system)?.concept ?? []).map(({ code }) => [system, code]),
  );
  return codes && new Set(codes.flatMap(([system, code]) => [`${system}|${code}`, `|${code}`]));
}
