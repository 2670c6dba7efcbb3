import type { ElementDefinition } from '../../fhir/definitions/types.ts';
import { presence } from './elements.ts';

/** A rule about an object as a whole, checked after its elements. */
export interface ObjectRule {
  /** The path of the type or backbone element it is about. */
  path: string;
  /** Names of the elements whose presence it asks for. */
  elements: readonly string[];
  /** Whether it is more than structure. */
  isMore?: true;
  /** Code that reports the fault; gets the expressions of `elements`, in their order. */
  code(present: readonly string[]): string[];
}

const OBJECT_RULES: readonly ObjectRule[] = [
  {
    path: 'Extension',
    elements: ['extension', 'value'],
    code: ([nested, value]) => [`if ((${nested}) === (${value})) lib.extensionContent(s, d, ${nested});`],
  },
  {
    path: 'Attachment',
    isMore: true,
    elements: ['data', 'size'],
    code: ([data, size]) => [`if (${data} && ${size}) lib.checkAttachment(s, d, o);`],
  },
];

/** The names of the elements that rules about this object ask for. */
export function elementsOfRules(path: string): ReadonlySet<string> {
  return new Set(OBJECT_RULES.filter((rule) => rule.path === path).flatMap((rule) => rule.elements));
}

/** The code of all rules about this object. */
export function objectRuleCode(
  path: string,
  elements: readonly ElementDefinition[],
  structureOnly: boolean,
): string[] {
  const present = (name: string): string => {
    const element = elements.find((candidate) => candidate.name === name);
    if (!element) throw new Error(`A rule about ${path} asks for its element ${name}, which is not defined`);
    return presence(element);
  };
  const rules = OBJECT_RULES.filter((rule) => rule.path === path && !(structureOnly && rule.isMore));
  return rules.flatMap((rule) => rule.code(rule.elements.map(present)));
}
