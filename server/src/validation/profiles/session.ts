import type { Definitions } from '../../fhir/definitions/types.ts';
import type { ElementNode } from '../../fhir/structures/elementTree.ts';
import { StructureFault, type Structure } from '../../fhir/structures/structure.ts';
import { coreType, typeCanonical, typeName } from './canonical.ts';
import { Snapshots, type StructureSource } from './snapshot/generate.ts';

/** Definitions that one profile leads to: itself, those that it names, those that they name. */
export const SESSION_PROFILES_MAX = 1_000;

/** A profile with its snapshot. */
export interface LoadedProfile {
  structure: Structure;
  tree: ElementNode;
}

/** What one preparation has loaded. It is dropped with the trees afterwards: only the checks stay. */
export class Session {
  readonly #source: StructureSource;
  readonly #definitions: Definitions;
  readonly #snapshots: Snapshots;
  readonly #structures = new Map<string, Promise<Structure | undefined>>();
  readonly #types = new Map<string, ElementNode>();
  readonly #profiles = new Map<string, LoadedProfile | StructureFault | undefined>();
  /** Value sets that decide about slices, or are bound by what was loaded. */
  readonly valueSets = new Set<string>();

  constructor(source: StructureSource, definitions: Definitions) {
    this.#source = source;
    this.#definitions = definitions;
    this.#snapshots = new Snapshots({ structure: (canonical) => this.#structure(canonical) });
  }

  typeTree(type: string): ElementNode | undefined {
    return this.#types.get(type);
  }

  /** By the canonical as it was named; undefined: not known here. */
  profile(canonical: string): LoadedProfile | StructureFault | undefined {
    return this.#profiles.get(canonical);
  }

  /** Canonicals of all profiles that were loaded or looked for. */
  get canonicals(): Iterable<string> {
    return this.#profiles.keys();
  }

  /**
   * Loads a profile with all that its check can meet.
   * @throws StructureFault where that is too much; what the source throws
   */
  async load(canonical: string): Promise<void> {
    const waiting = [canonical];
    // What others before it have led to says nothing about this one.
    const most = this.#profiles.size + SESSION_PROFILES_MAX;
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (this.#profiles.has(next)) continue;
      if (this.#profiles.size >= most)
        throw new StructureFault(`it depends on more than ${SESSION_PROFILES_MAX} others`);
      const loaded = await this.#loadOne(next);
      this.#profiles.set(next, loaded);
      if (loaded && !(loaded instanceof StructureFault)) waiting.push(...(await this.#needs(loaded)));
    }
  }

  async #loadOne(canonical: string): Promise<LoadedProfile | StructureFault | undefined> {
    try {
      const structure = await this.#structure(canonical);
      return structure && { structure, tree: await this.#snapshots.tree(structure) };
    } catch (error) {
      if (error instanceof StructureFault) return error;
      throw error;
    }
  }

  /** Loads the types of what a profile constrains; tells which other profiles it names. */
  async #needs({ structure, tree }: LoadedProfile): Promise<string[]> {
    const profiles: string[] = [];
    const types = new Set(['Element', 'Extension', structure.type]);
    const visit = ({ element, children, slices }: ElementNode): void => {
      for (const { code, profile = [], targetProfile = [] } of element.type ?? []) {
        types.add(typeName(code));
        const isType = (name: string) => this.#definitions.type(name) !== undefined;
        for (const canonical of [...profile, ...targetProfile])
          if (coreType(canonical, isType) === undefined) profiles.push(canonical);
      }
      const { binding } = element;
      if (binding?.valueSet !== undefined && !binding.contained && binding.strength !== 'example')
        this.valueSets.add(binding.valueSet);
      const limit = binding?.maxValueSet;
      if (limit !== undefined) this.valueSets.add(limit);
      children.forEach(visit);
      slices.forEach(visit);
    };
    visit(tree);
    for (const type of types) await this.#loadType(type);
    return profiles;
  }

  async #loadType(type: string): Promise<void> {
    if (this.#types.has(type)) return;
    const structure = await this.#structure(typeCanonical(type));
    if (structure === undefined || structure.derivation === 'constraint') return;
    this.#types.set(type, await this.#snapshots.tree(structure));
  }

  #structure(canonical: string): Promise<Structure | undefined> {
    let structure = this.#structures.get(canonical);
    if (structure === undefined) {
      structure = this.#source.structure(canonical);
      this.#structures.set(canonical, structure);
    }
    return structure;
  }
}
