import type { Definitions } from '../../fhir/definitions/types.ts';
import type { ExtensionUse } from '../extensions/extensionUse.ts';
import { partsOf } from '../extensions/parts.ts';
import { invariantUnchecked } from '../invariants/broken.ts';
import type { Invariant } from '../invariants/invariant.ts';
import type { StructurePort } from '../ports.ts';
import { createUnitConverter } from '../../fhir/units/units.ts';
import { StructureFault } from '../../fhir/structures/structure.ts';
import { NO_INDEX, type ObjectCheck } from '../state.ts';
import { coreType, splitCanonical } from './canonical.ts';
import { compileProfile } from './compile/profile.ts';
import { Quiet } from './compile/quiet.ts';
import type { CompileContext, ProfileLink } from './compile/types.ts';
import { unusableText, type ProfileCheck, type Profiles } from './profile.ts';
import { Session, type LoadedProfile } from './session.ts';

/** Compiled profiles that are kept; beyond that, all are dropped and made again as they are asked for. */
export const COMPILED_PROFILES_MAX = 2_000;
/** Canonicals of which is remembered that there is no such profile; they come from clients. */
const UNKNOWN_MAX = 10_000;
/** No profile has a longer canonical. */
const CANONICAL_LENGTH_MAX = 2_000;
/** A value set with more codes is asked for by questions. */
export const MEMBERS_MAX = 2_000;

export interface ProfileOptions {
  /**
   * The members of a small value set, each as `system|code` and as `|code`; undefined where it is larger than `max`, or not
   * known here.
   */
  members?(valueSet: string, max: number): Promise<ReadonlySet<string> | undefined>;
  /**
   * Compiles an invariant; undefined where it cannot be. Absent: what profiles add is not asked.
   *
   * @param type of the values, or R4's path of the element
   */
  invariantTest?(expression: string, type: string, key: string): Invariant['test'] | undefined;
  /** Told of each profile that is known but cannot be used, or not wholly. */
  onFault?(canonical: string, reason: string): void;
}

/** All that was compiled from one state of the definitions. */
interface Generation {
  revision: number;
  /** By canonical, as it was asked for. */
  links: Map<string, ProfileLink>;
  /** Why profiles cannot be used, by canonical. */
  faults: Map<string, string>;
  unknown: Set<string>;
  members: Map<string, ReadonlySet<string> | undefined>;
}

/**
 * The checks of profiles, compiled when they are first asked for and dropped when a StructureDefinition may have changed
 * (decision 0027).
 */
export function createProfiles(
  definitions: Definitions,
  structures: StructurePort,
  options: ProfileOptions = {},
): Profiles {
  const quiet = new Quiet();
  const units = createUnitConverter();
  let generation: Generation = newGeneration();
  let last: Promise<void> = Promise.resolve();

  function newGeneration(): Generation {
    const revision = structures.revision();
    return { revision, links: new Map(), faults: new Map(), unknown: new Set(), members: new Map() };
  }

  function current(): Generation {
    const isOld = generation.revision !== structures.revision();
    if (isOld || generation.links.size > COMPILED_PROFILES_MAX) generation = newGeneration();
    return generation;
  }

  async function prepareNow(canonicals: readonly string[]): Promise<void> {
    const own = current();
    const wanted = canonicals.filter((canonical) => !own.links.has(canonical));
    if (wanted.length === 0) return;
    const session = new Session(structures, definitions);
    for (const canonical of wanted) await loadInto(session, own, canonical);
    for (const canonical of wanted) if (session.profile(canonical) === undefined) remember(own, canonical);
    for (const valueSet of session.valueSets)
      if (!own.members.has(valueSet))
        own.members.set(valueSet, await options.members?.(valueSet, MEMBERS_MAX));
    compileAll(session, own);
  }

  function remember({ unknown, links }: Generation, canonical: string): void {
    if (links.has(canonical)) return;
    if (unknown.size >= UNKNOWN_MAX) unknown.clear();
    unknown.add(canonical);
  }

  async function loadInto(session: Session, own: Generation, canonical: string): Promise<void> {
    try {
      await session.load(canonical);
    } catch (error) {
      if (!(error instanceof StructureFault)) throw error;
      const link: ProfileLink = { canonical, type: undefined };
      own.links.set(canonical, link);
      refuse(own, link, error.message);
    }
  }

  function refuse({ faults }: Generation, link: ProfileLink, reason: string): void {
    options.onFault?.(link.canonical, reason);
    faults.set(link.canonical, reason);
    link.check = unusable(link.canonical, reason);
    link.use = ANYWHERE;
  }

  /** Makes the links first, so that profiles may name each other in a circle. */
  function compileAll(session: Session, own: Generation): void {
    const { links, unknown, members } = own;
    const fresh: string[] = [];
    for (const canonical of session.canonicals) {
      if (links.has(canonical) || unknown.has(canonical)) continue;
      const loaded = session.profile(canonical);
      const type = loaded && !(loaded instanceof StructureFault) ? loaded.structure.type : undefined;
      links.set(canonical, { canonical, type });
      if (loaded) fresh.push(canonical);
    }
    for (const canonical of fresh) {
      const loaded = session.profile(canonical);
      const link = links.get(canonical)!;
      if (loaded instanceof StructureFault) {
        refuse(own, link, loaded.message);
      } else if (loaded) {
        const context = contextOf(session, links, members, loaded.structure.url);
        link.check = compileProfile(context, loaded.structure, loaded.tree);
        if (loaded.structure.type === 'Extension') link.use = useOf(loaded);
      }
    }
  }

  function contextOf(
    session: Session,
    links: Map<string, ProfileLink>,
    members: Generation['members'],
    url: string,
  ): CompileContext {
    const isType = (name: string): boolean => definitions.type(name) !== undefined;
    return {
      demander: `the profile ${url}`,
      typeTree: (type) => session.typeTree(type),
      profileTree(canonical) {
        const loaded = session.profile(canonical);
        return loaded instanceof StructureFault ? undefined : loaded?.tree;
      },
      link: (canonical) => {
        const type = coreType(canonical, isType);
        return links.get(canonical) ?? { canonical, type };
      },
      isCheckedByUrl: (canonical) =>
        !canonical.includes('|') && definitions.extension(canonical) === undefined,
      isType,
      isResourceType: definitions.isResourceType,
      members: (valueSet) => members.get(valueSet),
      invariantTest: (expression, type, key) => invariantTest(url, expression, type, key),
      quiet,
      units,
    };
  }

  /** An invariant that cannot be compiled is not asked; whoever keeps the log is told, and who asks for warnings. */
  function invariantTest(url: string, expression: string, type: string, key: string) {
    if (!options.invariantTest) return undefined;
    try {
      const test = options.invariantTest(expression, type, key);
      if (test) return test;
      options.onFault?.(url, `its invariant ${key} is no FHIRPath`);
    } catch (error) {
      options.onFault?.(url, `its invariant ${key} cannot be compiled: ${(error as Error).message}`);
    }
    return uncheckable(key);
  }

  function compiled(canonical: string): ProfileCheck | 'unknown' | undefined {
    const { links, unknown } = current();
    const link = links.get(canonical);
    if (link) return link.check ?? 'unknown';
    return unknown.has(canonical) || canonical.length > CANONICAL_LENGTH_MAX ? 'unknown' : undefined;
  }

  return {
    compiled,
    fault: (canonical) => current().faults.get(canonical),
    extension(url) {
      const check = compiled(url);
      return typeof check === 'function' ? { check, use: current().links.get(url)?.use } : check;
    },
    prepare(canonicals) {
      const result = last.then(() => prepareNow(canonicals));
      last = result.catch(() => undefined);
      return result;
    },
  };
}

/** Stands for an invariant whose expression is no FHIRPath. */
const uncheckable =
  (key: string): Invariant['test'] =>
  (_value, state, depth) => {
    if (state.thorough) invariantUnchecked(state, depth, key, 'its expression is no FHIRPath');
    return undefined;
  };

/** Where an extension may stand, by its own definition. */
function useOf({ structure, tree }: LoadedProfile): ExtensionUse {
  const { max = '*', isModifier = false } = tree.element;
  return {
    max: max === '*' ? -1 : Number(max),
    isModifier,
    contexts: structure.context ?? [],
    invariants: structure.contextInvariant ?? [],
    parts: partsOf(tree),
  };
}

/** Of an extension whose definition cannot be used. */
const ANYWHERE: ExtensionUse = { max: -1, isModifier: undefined, contexts: [], invariants: [] };

/** A profile that is known, but contradicts itself or lacks what it is made of. */
function unusable(canonical: string, reason: string): ObjectCheck {
  const text = unusableText(splitCanonical(canonical).url, reason);
  return (_value, at, depth) => {
    if (at.mode !== 'strict' && !at.thorough) return;
    const severity = at.mode === 'strict' ? 'error' : 'warning';
    at.report('profile-unusable', depth, '', NO_INDEX, text, severity);
  };
}
