import type { CodeSystem, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import { loadProfiles, type ProfileResource } from '@maxray/fhir-profiles';
import { compactStructure } from '@maxray/server/src/fhir/structures/structure.ts';
import {
  compileExpression,
  createPathModel,
} from '@maxray/server/src/fhir/path/evaluate/compileExpression.ts';
import type { Validator } from '@maxray/server/src/validation/validator.ts';
import { profileValidator, type R4 } from '@maxray/server/test/validation/profiles/support.ts';

/** A validator that knows MaxRay's own definitions besides R4's, and nothing else. */
export function ownValidator(r4: R4): Validator {
  const definitions = loadProfiles();
  const structures = definitions.filter(isStructure).map((one) => compactStructure(one));
  const model = createPathModel(r4.definitions);
  return profileValidator(r4, new Map(structures.map((one) => [one.url, one])), {
    members: async (valueSet) => membersOf(definitions, valueSet),
    invariantTest(expression, type) {
      const compiled = compileExpression(expression, { model, type });
      return (value, { resource }) => compiled.test(value, { resource });
    },
  });
}

const isStructure = (one: ProfileResource): one is StructureDefinition & { id: string } =>
  one.resourceType === 'StructureDefinition';

/** Ours list their codes, or take whole code systems of ours. */
function membersOf(definitions: readonly ProfileResource[], url: string): ReadonlySet<string> | undefined {
  const find = <T extends ValueSet | CodeSystem>(type: T['resourceType'], canonical = '') =>
    definitions.find((one) => one.resourceType === type && one.url === canonical) as T | undefined;
  const include = find<ValueSet>('ValueSet', url)?.compose?.include;
  return (
    include &&
    new Set(
      include.flatMap(({ system, concept }) =>
        (concept ?? find<CodeSystem>('CodeSystem', system)?.concept ?? []).flatMap(({ code }) => [
          `${system}|${code}`,
          `|${code}`,
        ]),
      ),
    )
  );
}
