import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import { StructureFault, type ElementType, type Structure } from '../../../fhir/structures/structure.ts';
import { typeCanonical, typeName } from '../canonical.ts';
import { Snapshots, type StructureSource } from '../snapshot/generate.ts';
import { elementAt } from '../snapshot/expand.ts';

/** Types that a type may derive from, one from the other. */
const ANCESTORS_MAX = 8;

/** Elements of a definition, with the root of the tree that they stand in. */
export interface Elements {
  nodes: readonly ElementNode[];
  root: ElementNode;
}

/** The definitions that one StructureDefinition is compared with. Its trees are shared: nobody changes them. */
export class DefinitionTrees {
  readonly #source: StructureSource;
  readonly #snapshots: Snapshots;
  readonly #structures = new Map<string, Promise<Structure | undefined>>();
  readonly #trees = new Map<string, Promise<ElementNode | undefined>>();

  constructor(source: StructureSource) {
    this.#source = source;
    this.#snapshots = new Snapshots(source);
  }

  /** Undefined also where it cannot be used. */
  structure(canonical: string): Promise<Structure | undefined> {
    let found = this.#structures.get(canonical);
    if (!found) this.#structures.set(canonical, (found = orNone(this.#source.structure(canonical))));
    return found;
  }

  /** The elements of a definition; undefined where it, or what it is made of, is not known here or cannot be used. */
  tree(canonical: string): Promise<ElementNode | undefined> {
    let tree = this.#trees.get(canonical);
    if (!tree) this.#trees.set(canonical, (tree = this.#load(canonical)));
    return tree;
  }

  async #load(canonical: string): Promise<ElementNode | undefined> {
    const structure = await this.structure(canonical);
    return structure && orNone(this.#snapshots.tree(structure));
  }

  /** What stands below an element: its own elements, those that it refers to, those of its types. Undefined: not known. */
  async below({ element, children }: ElementNode, root: ElementNode): Promise<Elements | undefined> {
    if (children.length > 0) return { nodes: children, root };
    const { contentReference, type = [] } = element;
    if (contentReference !== undefined) {
      const target = elementAt(root, contentReference.slice(contentReference.indexOf('#') + 1));
      return target && { nodes: target.children, root };
    }
    const trees = await Promise.all(type.map((one) => this.#ofType(one)));
    const [first] = trees;
    if (first === undefined || trees.includes(undefined)) return undefined;
    return { nodes: trees.flatMap((tree) => tree?.children ?? []), root: first };
  }

  async #ofType({ code, profile = [] }: ElementType): Promise<ElementNode | undefined> {
    const [only, ...others] = profile;
    if (only !== undefined && others.length === 0) return this.tree(only);
    return this.tree(typeCanonical(code));
  }

  /** Whether a type is one of some others, or derives from one. */
  async isOneOf(code: string, types: ReadonlySet<string>): Promise<boolean> {
    let at: string | undefined = typeCanonical(code);
    for (let i = 0; at !== undefined && i < ANCESTORS_MAX; i++) {
      if (types.has(at)) return true;
      const structure: Structure | undefined = await this.structure(at);
      if (structure === undefined) return true;
      at = structure.baseDefinition;
    }
    return false;
  }
}

async function orNone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StructureFault) return undefined;
    throw error;
  }
}

/** The canonicals of the types of an element; undefined where it has FHIRPath's own, or none. */
export function canonicalsOf(types: readonly ElementType[] | undefined): ReadonlySet<string> | undefined {
  if (types === undefined || types.length === 0) return undefined;
  return types.some(({ code }) => typeName(code) !== code)
    ? undefined
    : new Set(types.map(({ code }) => typeCanonical(code)));
}
