import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import type { Issue } from '../../../src/fhir/outcome.ts';
import { compactStructure, type Structure } from '../../../src/fhir/structures/structure.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { loadDefinitions } from '../../../src/store/definitionsCache.ts';
import { CoreStructureFiles } from '../../../src/store/structures/coreStructureFiles.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import { createInvariants } from '../../../src/validation/invariants/createInvariants.ts';
import type { StructurePort } from '../../../src/validation/ports.ts';
import { createProfiles, type ProfileOptions } from '../../../src/validation/profiles/profiles.ts';
import type { Validator } from '../../../src/validation/validator.ts';

/** R4 as the server has it, in a folder of its own. */
export interface R4 {
  definitions: Definitions;
  core: CoreStructureFiles;
  remove(): Promise<void>;
}

export async function openR4(): Promise<R4> {
  const folder = await mkdtemp(path.join(tmpdir(), 'maxray-profiles-'));
  const definitions = await loadDefinitions(folder);
  return {
    definitions,
    core: new CoreStructureFiles(folder),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** Knows these definitions besides R4's own. */
export function structurePort({ core }: R4, own: ReadonlyMap<string, Structure>): StructurePort {
  return {
    async structure(canonical) {
      const [url = ''] = canonical.split('|');
      return own.get(url) ?? core.read(url);
    },
    revision: () => 1,
  };
}

/** A validator that checks meta.profile. */
export function profileValidator(
  r4: R4,
  definitions: ReadonlyMap<string, Structure | StructureDefinition>,
  options: ProfileOptions = {},
): Validator {
  const own = new Map([...definitions].map(([url, one]) => [url, asStructure(one)] as const));
  const invariants = createInvariants(r4.definitions);
  const structures = structurePort(r4, own);
  const profiles = createProfiles(r4.definitions, structures, {
    invariantTest: invariants.testOf,
    ...options,
  });
  const ports = { structures };
  return createValidator(r4.definitions, { mode: 'profiles', profiles, invariants: invariants.at, ports });
}

export const errorsOf = (issues: readonly Issue[]): Issue[] =>
  issues.filter(({ severity }) => severity === 'error');

export const ruleOf = (issue: Issue): string => issue.details?.coding?.[0]?.code ?? '';

const asStructure = (one: Structure | StructureDefinition): Structure =>
  'resourceType' in one ? compactStructure(one) : one;

/** Where the definitions of the tests have their URLs. */
export const OWN = 'http://example.org/StructureDefinition';

/** A profile by its differential. */
export function profile(
  type: string,
  element: Partial<ElementDefinition>[],
  name = 'own',
  baseDefinition = `http://hl7.org/fhir/StructureDefinition/${type}`,
): StructureDefinition {
  return {
    resourceType: 'StructureDefinition',
    url: `${OWN}/${name}`,
    name,
    status: 'active',
    kind: 'resource',
    abstract: false,
    type,
    derivation: 'constraint',
    baseDefinition,
    differential: { element: element as ElementDefinition[] },
  };
}

/**
 * The rules that a resource breaks, with their places, when it claims the first of the profiles.
 *
 * @param codes `system|code` of what every value set has; none: no value set is in memory
 */
export async function faultsOf(
  r4: R4,
  resource: Resource,
  definitions: readonly StructureDefinition[],
  codes: readonly string[] = [],
): Promise<string[]> {
  const members = new Set(codes.flatMap((code) => [code, code.slice(code.indexOf('|'))]));
  const own = new Map(definitions.map((definition) => [definition.url!, definition]));
  const validator = profileValidator(r4, own, {
    members: async () => (members.size > 0 ? members : undefined),
  });
  const claimed = { ...resource, meta: { profile: [definitions[0]!.url] } };
  const issues = errorsOf(await validator.validate(claimed));
  return issues.map((issue) => `${ruleOf(issue)} ${issue.expression?.[0]}`);
}
