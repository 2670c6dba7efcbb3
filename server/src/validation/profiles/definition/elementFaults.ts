import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import type { StructureElement } from '../../../fhir/structures/structure.ts';
import type { RuleId } from '../../rules.ts';
import { typeName } from '../canonical.ts';
import { CHOICE, choiceFor, isChoice, typeOfChoice } from '../choices.ts';
import { merged, newSlice } from '../snapshot/mergeElement.ts';
import { canonicalsOf, type DefinitionTrees } from './definitionTrees.ts';
import { leadsNowhere } from './discriminatorFaults.ts';
import type { DefinitionFault } from './fault.ts';
import { wrongConstants, wrongProfiles, wrongTargets } from './typeFaults.ts';

/** Faults of one definition that are told. */
export const DEFINITION_FAULTS_MAX = 100;

/** Compares the elements of a differential with those of the base, one after the other. */
export class ElementFaults {
  readonly faults: DefinitionFault[] = [];
  readonly #trees: DefinitionTrees;

  constructor(trees: DefinitionTrees) {
    this.#trees = trees;
  }

  /** An element, its slices and what stands below it. @param base what it changes @param root of the tree of `base` */
  async element(changes: ElementNode, base: ElementNode, root: ElementNode): Promise<void> {
    const { element } = changes;
    const now: ElementNode = { ...base, element: merged(base.element, element) };
    this.#compare(element, base.element);
    await this.#types(element, base.element);
    await this.#constants(element, now.element);
    await this.#slicing(changes, now, root);
    await this.#children(changes, now, root);
    for (const slice of changes.slices) await this.#slice(slice, base, now, root);
  }

  #compare(element: StructureElement, base: StructureElement): void {
    if (element.min !== undefined && element.min < (base.min ?? 0))
      this.#report('definition-cardinality', element, TOO_FEW);
    // HL7's own guides slice elements that they have forbidden: nobody can use these, so nobody is hurt.
    const severity = base.max === '0' ? 'warning' : 'error';
    if (upper(element.max) > upper(base.max))
      this.#report('definition-cardinality', element, TOO_MANY, { severity });
    const { binding } = element;
    // Of a choice, a binding may be meant for one of its types only.
    const isLoose = base.binding?.strength === 'required' && binding && binding.strength !== 'required';
    if (isLoose && !element.path.endsWith(CHOICE)) this.#report('definition-binding', element, LOOSE_BINDING);
  }

  async #types(element: StructureElement, base: StructureElement): Promise<void> {
    const allowed = canonicalsOf(base.type);
    if (allowed === undefined) return;
    for (const { code } of element.type ?? []) {
      if (typeName(code) !== code || (await this.#trees.isOneOf(code, allowed))) continue;
      const text = `The base does not allow the type ${code} for this element: use one of ${base.type!.map((one) => one.code).join(', ')}.`;
      this.#report('definition-type', element, text);
    }
    for (const canonical of await wrongTargets(this.#trees, element, base)) {
      const text = `The base does not allow references to ${canonical} here: name a profile of one of its targets.`;
      this.#report('definition-type', element, text);
    }
    for (const canonical of await wrongProfiles(this.#trees, element)) {
      const text = `${canonical} is no profile of the type that names it: name one that is, or correct the type.`;
      this.#report('definition-type', element, text);
    }
  }

  async #constants(element: StructureElement, now: StructureElement): Promise<void> {
    for (const name of await wrongConstants(this.#trees, element, now)) {
      const types = now.type!.map(({ code }) => code).join(', ');
      const text = `'${name}' is no value of this element: give one of its type (${types}).`;
      this.#report('definition-type', element, text);
    }
  }

  async #slicing(changes: ElementNode, now: ElementNode, root: ElementNode): Promise<void> {
    const { element, slices } = changes;
    const known = now.element.slicing ?? now.slices[0];
    const [first] = slices;
    if (first && !known && !isSlicedAnyhow(now.name))
      this.#report('definition-slicing', first.element, NO_SLICING, { severity: 'warning' });
    const least = slices.reduce((sum, slice) => sum + (slice.element.min ?? 0), 0);
    const severity = now.element.max === '0' ? 'warning' : 'error';
    if (least > upper(now.element.max))
      this.#report('definition-slicing', element, TOO_MANY_SLICES, { severity });
    for (const [i, discriminator] of (element.slicing?.discriminator ?? []).entries()) {
      if (!(await leadsNowhere(this.#trees, discriminator.path, now, root))) continue;
      this.#report('definition-discriminator', element, NO_SUCH_PATH, {
        below: `.slicing.discriminator[${i}]`,
      });
    }
  }

  async #children(changes: ElementNode, now: ElementNode, root: ElementNode): Promise<void> {
    if (changes.children.length === 0) return;
    const below = await this.#trees.below(now, root);
    if (below === undefined) return;
    for (const child of changes.children) {
      const found = childNamed(below.nodes, child.name);
      if (found) await this.element(child, found, below.root);
      else this.#report('definition-element', firstOf(child), NO_SUCH_ELEMENT);
    }
  }

  async #slice(slice: ElementNode, base: ElementNode, now: ElementNode, root: ElementNode): Promise<void> {
    const { sliceName = '' } = slice.element;
    const known = base.slices.find(({ element }) => element.sliceName === sliceName);
    await this.element(slice, known ?? { ...newSlice(now, sliceName), slices: [] }, root);
  }

  #report(
    rule: RuleId,
    { position }: StructureElement,
    diagnostics: string,
    { below = '', severity = 'error' }: { below?: string; severity?: DefinitionFault['severity'] } = {},
  ): void {
    if (position === undefined || this.faults.length >= DEFINITION_FAULTS_MAX) return;
    const path = `differential.element[${position}]${below}`;
    this.faults.push({ rule, severity, path, diagnostics });
  }
}

/** An element of the base, or a choice of it where it has the type that the name tells. */
function childNamed(nodes: readonly ElementNode[], name: string): ElementNode | undefined {
  const own = nodes.find((node) => node.name === name);
  if (own) return own;
  const choice = choiceFor(nodes, name);
  const code = choice && typeOfChoice(choice, name);
  if (!choice || code === undefined) return undefined;
  const type = choice.element.type?.filter((one) => typeName(one.code) === code) ?? [];
  return { ...choice, element: { ...choice.element, type }, slices: [] };
}

/** The element that is written first: of a place that the differential only passes through, one below it. */
function firstOf(node: ElementNode): StructureElement {
  if (node.element.position !== undefined) return node.element;
  const below = [...node.children, ...node.slices].map(firstOf);
  return below.find(({ position }) => position !== undefined) ?? node.element;
}

/** Slicing that need not be said: of extensions by their url, of choices by their type. */
const isSlicedAnyhow = (name: string): boolean =>
  name === 'extension' || name === 'modifierExtension' || isChoice(name);

/** What is not said allows no more than before. */
const upper = (max: string | undefined): number => (max === '*' ? Infinity : Number(max ?? 0));

const TOO_FEW = 'The base asks for this element more often: raise min.';
const TOO_MANY = 'The base does not allow this element so often: lower max.';
const LOOSE_BINDING = 'The binding of the base is required, so this one must be, too: correct its strength.';
const NO_SLICING =
  'A slice is named, but neither this profile nor its base says how the element is sliced: add slicing.';
const TOO_MANY_SLICES =
  'The slices must be there more often than the element may: lower their min, or raise the max of the element.';
const NO_SUCH_PATH =
  'The path of the discriminator leads to no element of what is sliced: correct it (http://hl7.org/fhir/R4/profiling.html#discriminator).';
const NO_SUCH_ELEMENT = 'The base has no such element: correct the path, or use an extension.';
