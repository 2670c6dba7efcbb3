import type { ElementNode } from '../../fhir/structures/elementTree.ts';
import { typeName } from './canonical.ts';

/** How the name of an element with several types ends. */
export const CHOICE = '[x]';

export const isChoice = (name: string): boolean => name.endsWith(CHOICE);

/** `value` of `value[x]`; other names as they are. */
export const stemOf = (name: string): string => (isChoice(name) ? name.slice(0, -CHOICE.length) : name);

/** The choice that a name with a type stands for: `value[x]` for `valueQuantity`. */
export function choiceFor(siblings: readonly ElementNode[], name: string): ElementNode | undefined {
  return siblings.find((sibling) => isChoice(sibling.name) && typeOfChoice(sibling, name) !== undefined);
}

/** The type that a name with a type means: `Quantity` of `value[x]` for `valueQuantity`. */
export function typeOfChoice(choice: ElementNode, name: string): string | undefined {
  const stem = stemOf(choice.name);
  if (!name.startsWith(stem)) return undefined;
  const suffix = name.slice(stem.length);
  return choice.element.type?.map(({ code }) => typeName(code)).find((type) => upperFirst(type) === suffix);
}

export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
