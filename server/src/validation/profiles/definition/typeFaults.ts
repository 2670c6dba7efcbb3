import type { StructureElement, TypedConstant } from '../../../fhir/structures/structure.ts';
import { typeCanonical, typeName } from '../canonical.ts';
import { upperFirst } from '../choices.ts';
import type { DefinitionTrees } from './definitionTrees.ts';

/** Targets that stand for every resource. */
const ANY: ReadonlySet<string> = new Set(['Resource', 'DomainResource']);

/**
 * The names of the constants (`fixedString`) whose type the element does not have.
 *
 * @param now the element with what its base says
 */
export async function wrongConstants(
  trees: DefinitionTrees,
  { fixed, pattern }: StructureElement,
  { type = [] }: StructureElement,
): Promise<string[]> {
  // FHIRPath's own types are those of ids and urls, which R4 fixes by other names.
  if (type.length === 0 || type.some(({ code }) => typeName(code) !== code)) return [];
  const isWrong = async (constant: TypedConstant | undefined): Promise<boolean> => {
    if (constant === undefined) return false;
    if (type.some(({ code }) => upperFirst(code) === constant.type)) return false;
    // A Duration is a Quantity; of primitive types none stands for another.
    const complex = type.filter(({ code }) => code === upperFirst(code));
    const wanted = new Set([typeCanonical(constant.type)]);
    for (const { code } of complex) if (await trees.isOneOf(code, wanted)) return false;
    return true;
  };
  const wrong: string[] = [];
  if (await isWrong(fixed)) wrong.push(`fixed${fixed!.type}`);
  if (await isWrong(pattern)) wrong.push(`pattern${pattern!.type}`);
  return wrong;
}

/** The targets of an element's references whose type the base does not allow as one; those that are not known here are passed over. */
export async function wrongTargets(
  trees: DefinitionTrees,
  { type = [] }: StructureElement,
  base: StructureElement,
): Promise<string[]> {
  const targetsOf = (element: Pick<StructureElement, 'type'>): string[] =>
    (element.type ?? []).flatMap(({ targetProfile = [] }) => targetProfile);
  const allowed = new Set<string>();
  for (const canonical of targetsOf(base)) {
    const target = await trees.structure(canonical);
    if (target === undefined || ANY.has(target.type)) return [];
    allowed.add(target.type);
  }
  const wrong: string[] = [];
  for (const canonical of allowed.size === 0 ? [] : targetsOf({ type })) {
    const target = await trees.structure(canonical);
    if (target && !allowed.has(target.type)) wrong.push(canonical);
  }
  return wrong;
}

/** The profiles on an element's types that are of other types; those that are not known here are passed over. */
export async function wrongProfiles(
  trees: DefinitionTrees,
  { type = [] }: StructureElement,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const { code, profile = [] } of type) {
    if (typeName(code) !== code) continue;
    const wanted = new Set([typeCanonical(code)]);
    for (const canonical of profile) {
      const found = await trees.structure(canonical);
      if (found && !(await trees.isOneOf(found.type, wanted))) wrong.push(canonical);
    }
  }
  return wrong;
}
