import type { Structure } from '../fhir/structures/structure.ts';
import type { CoreStructureFiles } from '../store/structures/coreStructureFiles.ts';
import type { Log } from '../store/postgres/log.ts';
import type { Store } from '../store/store.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { createInvariants } from '../validation/invariants/createInvariants.ts';
import type { StructurePort } from '../validation/ports.ts';
import { splitCanonical } from '../validation/profiles/canonical.ts';
import { createProfiles } from '../validation/profiles/profiles.ts';
import { valueSetMembers } from './valueSetMembers.ts';
import type { ValidatorParts } from '../validation/createValidator.ts';

export interface ValidationSources {
  store: Pick<Store, 'definitions' | 'structures'>;
  terminology: Terminology;
  core: CoreStructureFiles;
  log: Log;
}

/** What a validator is made of, over what is stored here. */
export function validatorParts({ store, terminology, core, log }: ValidationSources): ValidatorParts {
  const { definitions, structures: stored } = store;
  const structures: StructurePort = {
    structure: (canonical) => structureOf(core, stored, canonical),
    revision: () => stored.revision(),
  };
  const invariants = createInvariants(definitions);
  const profiles = createProfiles(definitions, structures, {
    members: (valueSet, max) => valueSetMembers(terminology, valueSet, max),
    invariantTest: invariants.testOf,
    onFault: (canonical, reason) => log('warn', `The profile ${canonical} cannot be used: ${reason}.`),
  });
  return { invariants: invariants.at, profiles, ports: { codes: terminology.codes, structures } };
}

/** R4's own definitions cannot be replaced by what somebody stores under their URL. */
async function structureOf(
  core: CoreStructureFiles,
  stored: Store['structures'],
  canonical: string,
): Promise<Structure | undefined> {
  const { url, version } = splitCanonical(canonical);
  const own = await core.read(url);
  if (own && (version === undefined || version === own.version)) return own;
  return (await stored.find(url, version)) ?? own;
}
