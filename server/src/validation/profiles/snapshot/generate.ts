import { cloned, elementTree, foundSlice, type ElementNode } from '../../../fhir/structures/elementTree.ts';
import { StructureFault, type ElementSlicing, type Structure } from '../../../fhir/structures/structure.ts';
import { typeCanonical, typeName } from '../canonical.ts';
import { choiceFor, isChoice, typeOfChoice } from '../choices.ts';
import { expand } from './expand.ts';
import { merged, newSlice } from './mergeElement.ts';

/** Profiles between a profile and the type that it constrains. */
export const DERIVATIONS_MAX = 32;

/** Where definitions come from. */
export interface StructureSource {
  /** undefined: not known here. */
  structure(canonical: string): Promise<Structure | undefined>;
}

/** The elements of a profile: its snapshot, or what its differential makes of the snapshot of its base. */
export class Snapshots {
  readonly #source: StructureSource;

  constructor(source: StructureSource) {
    this.#source = source;
  }

  /**
   * A tree that belongs to the caller.
   *
   * @throws StructureFault when a definition that it is made of is missing or contradicts itself
   */
  async tree(structure: Structure, depth = 0): Promise<ElementNode> {
    const given = structure.snapshot && elementTree(structure.snapshot);
    if (given) return given;
    return this.#generate(structure, depth);
  }

  async #generate(structure: Structure, depth: number): Promise<ElementNode> {
    if (depth >= DERIVATIONS_MAX)
      throw new StructureFault(`it derives from more than ${DERIVATIONS_MAX} others, or from itself`);
    const { baseDefinition, differential } = structure;
    if (baseDefinition === undefined)
      throw new StructureFault('it has neither a snapshot nor a baseDefinition');
    const root = await this.#treeOf(baseDefinition, depth + 1);
    const changes = elementTree(differential ?? []);
    if (changes) await this.#merge({ base: cloned(root), depth, inSlice: false }, root, changes);
    return root;
  }

  async #treeOf(canonical: string, depth: number): Promise<ElementNode> {
    const structure = await this.#source.structure(canonical);
    if (structure === undefined) throw new StructureFault(`the definition ${canonical} is not known here`);
    return this.tree(structure, depth);
  }

  /** Writes the changes of a differential at an element, and below it, into the tree of the base. */
  async #merge(work: Work, target: ElementNode, changes: ElementNode): Promise<void> {
    const before = changes.slices.length > 0 ? cloned(target) : target;
    target.element = merged(target.element, changes.element);
    if (changes.children.length > 0) {
      await this.#expand(work, target);
      for (const child of changes.children) await this.#mergeChild(work, target, child, changes.children);
    }
    for (const slice of changes.slices) await this.#mergeSlice(work, target, before, slice);
  }

  async #mergeChild(
    work: Work,
    parent: ElementNode,
    changes: ElementNode,
    siblings: readonly ElementNode[],
  ): Promise<void> {
    const same = parent.children.find(({ name }) => name === changes.name);
    if (same) return this.#merge(work, same, changes);
    const choice = choiceFor(parent.children, changes.name);
    if (choice === undefined && isChoice(parent.name)) return this.#mergeIntoType(work, parent, changes);
    if (choice === undefined)
      throw new StructureFault(`it constrains ${changes.element.path}, which its base does not have`);
    const isOnly =
      siblings.filter(({ name }) => name === choice.name || typeOfChoice(choice, name) !== undefined)
        .length === 1;
    // `value[x]:valueQuantity` whose path says `valueQuantity` is a slice by itself.
    const renamed = changes.slices.length > 0 ? changes.slices : [changes];
    for (const one of renamed) await this.#mergeRenamed(work, choice, { ...one, name: changes.name }, isOnly);
  }

  /** `value[x].code` where several types are allowed: an element of those that have it. */
  async #mergeIntoType(work: Work, choice: ElementNode, changes: ElementNode): Promise<void> {
    for (const { code } of choice.element.type ?? []) {
      const type = await this.#treeOf(typeCanonical(code), work.depth + 1);
      const found = type.children.find(({ name }) => name === changes.name);
      if (found === undefined) continue;
      const child = cloned(found);
      choice.children = [...choice.children, child];
      return this.#merge(work, child, changes);
    }
    throw new StructureFault(`it constrains ${changes.element.path}, which no type of its base has`);
  }

  /**
   * `valueQuantity` is short for `value[x]` where it has this type (http://hl7.org/fhir/R4/profiling.html#slicing). Where it
   * must be there, and nothing else is said of the choice, there can be no other: so HL7's own tools read it.
   */
  async #mergeRenamed(work: Work, choice: ElementNode, changes: ElementNode, isOnly: boolean): Promise<void> {
    const code = typeOfChoice(choice, changes.name);
    const type = choice.element.type?.filter((allowed) => typeName(allowed.code) === code) ?? [];
    const { sliceName = changes.name, ...element } = changes.element;
    if (work.inSlice && isOnly) {
      choice.element = { ...choice.element, type };
      return this.#merge(work, choice, { ...changes, name: choice.name, element });
    }
    const before = cloned(choice);
    const isSliced = choice.slices.length > 0 || choice.element.slicing !== undefined;
    const isWhole = isOnly && !isSliced && (element.min ?? 0) > 0;
    if (isWhole) choice.element = { ...choice.element, type, min: element.min!, slicing: CLOSED };
    else choice.element = { ...choice.element, slicing: choice.element.slicing ?? BY_TYPE };
    const slice = { ...element, sliceName, type: element.type ?? type };
    await this.#mergeSlice(work, choice, before, { ...changes, name: choice.name, element: slice });
  }

  /** @param before the element as the base has it: what the differential says of all is asked of slices anyway */
  async #mergeSlice(
    work: Work,
    target: ElementNode,
    before: ElementNode,
    changes: ElementNode,
  ): Promise<void> {
    const { sliceName } = changes.element;
    if (sliceName === undefined) return;
    const known = count(target);
    const slice = foundSlice(target, sliceName);
    if (count(target) > known) Object.assign(slice, newSlice(ownerOf(target, before, sliceName), sliceName));
    const slicing = target.element.slicing ?? defaultSlicing(target);
    if (slicing) target.element = { ...target.element, slicing };
    await this.#merge({ ...work, inSlice: true }, slice, changes);
  }

  async #expand(work: Work, target: ElementNode): Promise<void> {
    if (target.children.length > 0) return;
    const children = await expand(target, work.base, (canonical) => this.#treeOf(canonical, work.depth + 1));
    target.children = children;
  }
}

interface Work {
  /** What the tree was before: contentReferences mean its elements. */
  base: ElementNode;
  depth: number;
  /** Whether what is merged stands in a slice. */
  inSlice: boolean;
}

const BY_TYPE = { discriminator: [{ type: 'type', path: '$this' }], rules: 'open', ordered: false };
const CLOSED = { ...BY_TYPE, rules: 'closed' };
const BY_URL = { discriminator: [{ type: 'value', path: 'url' }], rules: 'open', ordered: false };

/** How elements are sliced that need not say it. */
function defaultSlicing({ name }: ElementNode): ElementSlicing | undefined {
  if (isChoice(name)) return BY_TYPE;
  return name === 'extension' || name === 'modifierExtension' ? BY_URL : undefined;
}

/** Slices of an element, reslices included. */
const count = ({ slices }: ElementNode): number => slices.reduce((sum, slice) => sum + 1 + count(slice), 0);

/** What a new slice begins as a copy of: the element, or for `a/b` the slice `a`. */
function ownerOf(target: ElementNode, before: ElementNode, sliceName: string): ElementNode {
  let owner = target;
  for (let end = sliceName.indexOf('/'); end > 0; end = sliceName.indexOf('/', end + 1)) {
    owner = owner.slices.find(({ element }) => element.sliceName === sliceName.slice(0, end)) ?? owner;
  }
  return owner === target ? before : owner;
}
