import { cloned, type ElementNode } from '../../../fhir/structures/elementTree.ts';
import type { ElementType } from '../../../fhir/structures/structure.ts';
import { typeCanonical } from '../canonical.ts';

/**
 * What may be constrained below an element that has nothing below it yet: the elements of what it refers to, of its
 * profile, or of its type.
 *
 * @param base tree that the element comes from
 */
export async function expand(
  { element }: ElementNode,
  base: ElementNode,
  treeOf: (canonical: string) => Promise<ElementNode>,
): Promise<ElementNode[]> {
  if (element.contentReference !== undefined) {
    const path = element.contentReference.slice(element.contentReference.indexOf('#') + 1);
    return elementAt(base, path)?.children.map(cloned) ?? [];
  }
  const tree = await treeOf(canonicalOf(element.type ?? []));
  return tree.children.map(cloned);
}

function canonicalOf(types: readonly ElementType[]): string {
  const [first, ...others] = types;
  if (first === undefined || others.some(({ code }) => code !== first.code)) return typeCanonical('Element');
  const [profile, ...further] = [first, ...others].flatMap((type) => type.profile ?? []);
  return profile !== undefined && further.length === 0 ? profile : typeCanonical(first.code);
}

/** The element with this path (without slices). */
export function elementAt(root: ElementNode, path: string): ElementNode | undefined {
  let at: ElementNode | undefined = root;
  for (const name of path.split('.').slice(1)) at = at?.children.find((child) => child.name === name);
  return at;
}
