import type { Config } from '../config.ts';
import type { Structure } from '../fhir/structures/structure.ts';
import { CoreStructureFiles } from '../store/structures/coreStructureFiles.ts';
import type { Log } from '../store/postgres/log.ts';
import type { Store } from '../store/store.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { createInvariants } from '../validation/invariants/createInvariants.ts';
import type { Ports, StructurePort } from '../validation/ports.ts';
import { splitCanonical } from '../validation/profiles/canonical.ts';
import { createProfiles } from '../validation/profiles/profiles.ts';
import { storedQuestionnaires } from './questionnaires.ts';
import { valueSetMembers } from './valueSetMembers.ts';
import { createValidator, type ValidatorParts } from '../validation/createValidator.ts';
import type { Validator } from '../validation/validator.ts';
import type { Lifetime } from './lifetime.ts';

export interface ValidationSources {
  store: Pick<Store, 'definitions' | 'structures' | 'reader' | 'searcher'>;
  terminology: Terminology;
  log: Log;
  config: Pick<Config, 'validation' | 'validateReferences'>;
  /** What absolute URLs of this store's resources begin with. */
  base: string;
}

/** The validator of what is written, which learns of stored profiles until the end of `lifetime`. */
export function startValidator(
  sources: ValidationSources & { cacheDir: string },
  lifetime: Lifetime,
): Validator {
  const { store, log, cacheDir } = sources;
  const core = new CoreStructureFiles(cacheDir);
  const validator = createValidator(store.definitions, validatorParts({ ...sources, core }));
  store.structures.start();
  lifetime.atEnd(() => store.structures.stop());
  core.prepare().catch((error: Error) => log('error', `R4's own profiles cannot be used: ${error.message}`));
  return validator;
}

/** What a validator is made of, over what is stored here. */
export function validatorParts({
  store,
  terminology,
  core,
  log,
  config,
  base,
}: ValidationSources & { core: CoreStructureFiles }): ValidatorParts {
  const { definitions, structures: stored } = store;
  const structures: StructurePort = {
    structure: (canonical) => structureOf(core, stored, canonical),
    revision: () => stored.revision(),
  };
  const invariants = createInvariants(definitions);
  const profiles = createProfiles(definitions, structures, {
    members: (valueSet, max) => valueSetMembers(terminology, valueSet, max),
    invariantTest: invariants.testOf,
    onFault: (canonical, reason) =>
      log('warn', `The profile ${canonical} is not checked, or not wholly: ${reason}.`),
  });
  const ports: Ports = {
    codes: terminology.codes,
    structures,
    questionnaires: storedQuestionnaires(store),
  };
  if (config.validateReferences || config.validation === 'strict') {
    ports.references = { base, existing: (references) => existing(store.reader, references) };
  }
  return { mode: config.validation, invariants: invariants.at, profiles, ports };
}

/** Reads of one type that are asked for together become one statement. */
function existing(
  reader: Store['reader'],
  references: readonly { type: string; id: string }[],
): Promise<boolean[]> {
  return Promise.all(
    references.map(async ({ type, id }) => {
      const version = await reader.read(type, id);
      return version !== undefined && version.content !== null;
    }),
  );
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
