import { cloned, elementTree, foundSlice, type ElementNode } from '../../../fhir/structures/elementTree.ts';
import type { Structure } from '../../../fhir/structures/structure.ts';
import { choiceFor, CHOICE, typeOfChoice } from '../choices.ts';
import { expand } from './expand.ts';
import { merged, newSlice } from './mergeElement.ts';

/** Profiles between a profile and the type that it constrains. */
export const DERIVATIONS_MAX = 32;

/** Where definitions come from. */
export interface StructureSource {
  /** undefined: not known here. */
  structure(canonical: string): Promise<Structure | undefined>;
}

/** A profile cannot be used as it is. */
export class ProfileFault extends Error {}

/** The elements of a profile: its snapshot, or what its differential makes of the snapshot of its base. */
export class Snapshots {
  readonly #source: StructureSource;

  constructor(source: StructureSource) {
    this.#source = source;
  }

  /**
   * A tree that belongs to the caller.
   *
   * @throws ProfileFault when a definition that it is made of is missing or contradicts itself
   */
  async tree(structure: Structure, depth = 0): Promise<ElementNode> {
    const given = structure.snapshot && elementTree(structure.snapshot);
    if (given) return given;
    return this.#generate(structure, depth);
  }

  async #generate(structure: Structure, depth: number): Promise<ElementNode> {
    if (depth >= DERIVATIONS_MAX)
      throw new ProfileFault(`it derives from more than ${DERIVATIONS_MAX} others, or from itself`);
    const { baseDefinition, differential } = structure;
    if (baseDefinition === undefined) throw new ProfileFault('it has neither a snapshot nor a baseDefinition');
    const root = await this.#treeOf(baseDefinition, depth + 1);
    const changes = elementTree(differential ?? []);
    if (changes) await this.#merge({ root, depth }, root, changes);
    return root;
  }

  async #treeOf(canonical: string, depth: number): Promise<ElementNode> {
    const structure = await this.#source.structure(canonical);
    if (structure === undefined) throw new ProfileFault(`the definition ${canonical} is not known here`);
    return this.tree(structure, depth);
  }

  /** Writes the changes of a differential at an element, and below it, into the tree of the base. */
  async #merge(work: Work, target: ElementNode, changes: ElementNode): Promise<void> {
    target.element = merged(target.element, changes.element);
    if (changes.children.length > 0) {
      await this.#expand(work, target);
      for (const child of changes.children) await this.#mergeChild(work, target, child);
    }
    for (const slice of changes.slices) await this.#mergeSlice(work, target, slice);
  }

  async #mergeChild(work: Work, parent: ElementNode, changes: ElementNode): Promise<void> {
    const same = parent.children.find(({ name }) => name === changes.name);
    if (same) return this.#merge(work, same, changes);
    const choice = choiceFor(parent.children, changes.name);
    if (choice === undefined)
      throw new ProfileFault(`it constrains ${changes.element.path}, which its base does not have`);
    if (changes.slices.length === 0) return this.#mergeRenamed(work, choice, changes);
    // `value[x]:valueQuantity` whose path says `valueQuantity`
    for (const slice of changes.slices) await this.#mergeRenamed(work, choice, { ...slice, name: changes.name });
  }

  /** `valueQuantity` is short for the slice of `value[x]` with this type (http://hl7.org/fhir/R4/profiling.html#slicing). */
  async #mergeRenamed(work: Work, choice: ElementNode, changes: ElementNode): Promise<void> {
    const code = typeOfChoice(choice, changes.name);
    const type = choice.element.type?.filter((allowed) => allowed.code === code);
    choice.element = {
      ...choice.element,
      slicing: choice.element.slicing ?? TYPE_SLICING,
    };
    const { element } = changes;
    const named = { ...element, sliceName: changes.name, type: element.type ?? type ?? [] };
    await this.#mergeSlice(work, choice, { ...changes, name: choice.name, element: named });
  }

  async #mergeSlice(work: Work, target: ElementNode, changes: ElementNode): Promise<void> {
    const { sliceName } = changes.element;
    if (sliceName === undefined) return;
    const before = count(target);
    const slice = foundSlice(target, sliceName);
    if (count(target) > before) Object.assign(slice, newSlice(cloned(ownerOf(target, sliceName)), sliceName));
    if (target.name.endsWith(CHOICE) && target.element.slicing === undefined)
      target.element = { ...target.element, slicing: TYPE_SLICING };
    await this.#merge(work, slice, changes);
  }

  async #expand(work: Work, target: ElementNode): Promise<void> {
    if (target.children.length > 0) return;
    const children = await expand(target, work.root, (canonical) => this.#treeOf(canonical, work.depth + 1));
    target.children = children;
  }
}

interface Work {
  /** The tree that is made; contentReferences mean its elements. */
  root: ElementNode;
  depth: number;
}

const TYPE_SLICING = {
  discriminator: [{ type: 'type', path: '$this' }],
  rules: 'open',
  ordered: false,
};

/** Slices of an element, reslices included. */
const count = ({ slices }: ElementNode): number =>
  slices.reduce((sum, slice) => sum + 1 + count(slice), 0);

/** What a new slice begins as a copy of: the element, or for `a/b` the slice `a`. */
function ownerOf(target: ElementNode, sliceName: string): ElementNode {
  let owner = target;
  for (let end = sliceName.indexOf('/'); end > 0; end = sliceName.indexOf('/', end + 1)) {
    owner = owner.slices.find(({ element }) => element.sliceName === sliceName.slice(0, end)) ?? owner;
  }
  return owner;
}
