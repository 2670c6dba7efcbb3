import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import { stemOf, typeOfChoice } from '../choices.ts';
import { parseDiscriminatorPath } from '../compile/discriminatorPath.ts';
import type { DefinitionTrees } from './definitionTrees.ts';

/**
 * Whether the path of a discriminator is none, or names what the sliced element does not have. What a reference leads to, and what
 * is not known here, may have anything.
 */
export async function leadsNowhere(
  trees: DefinitionTrees,
  path: string,
  sliced: ElementNode,
  root: ElementNode,
): Promise<boolean> {
  const steps = parseDiscriminatorPath(path);
  if (steps === undefined) return true;
  let places = [{ node: sliced, root }];
  for (const step of steps) {
    if (step.kind === 'resolve') return false;
    const name = step.kind === 'extension' ? 'extension' : step.kind === 'child' ? step.name : undefined;
    if (name === undefined) continue;
    const next: typeof places = [];
    for (const place of places) {
      const below = await trees.below(place.node, place.root);
      if (below === undefined || isAnyResource(place.node)) return false;
      for (const node of below.nodes)
        if (stemOf(node.name) === name || typeOfChoice(node, name) !== undefined)
          next.push({ node, root: below.root });
    }
    if (next.length === 0) return true;
    places = next;
  }
  return false;
}

/** A place for resources, of which a profile, a slice or a later step may tell the type. */
const isAnyResource = ({ element }: ElementNode): boolean =>
  element.type?.some(({ code }) => code === 'Resource' || code === 'DomainResource') ?? false;
