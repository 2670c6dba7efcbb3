import type { StructureDefinition } from '@medplum/fhirtypes';
import { elementTree, type ElementNode } from '../../../fhir/structures/elementTree.ts';
import { compactStructure, StructureFault } from '../../../fhir/structures/structure.ts';
import type { RuleId } from '../../rules.ts';
import type { StructureSource } from '../snapshot/generate.ts';
import { DefinitionTrees } from './definitionTrees.ts';
import { ElementFaults } from './elementFaults.ts';
import type { DefinitionFault } from './fault.ts';

/** Elements of a differential that are compared; the largest profile of R4 has 100. */
export const COMPARED_ELEMENTS_MAX = 4_000;

/**
 * Where a profile, by its differential, is no profile of its base (http://hl7.org/fhir/R4/profiling.html#limitations): elements that the base does not
 * have, that are asked for less often or allowed more often, of other types, with looser bindings, or sliced by what is not there. A
 * base that is not known here is a warning, since whoever loads a package may bring it later.
 *
 * @param definition of the form that R4 asks for
 */
export async function definitionFaults(
  source: StructureSource,
  definition: StructureDefinition,
): Promise<DefinitionFault[]> {
  const { baseDefinition, type, derivation, kind, differential } = definition;
  if (derivation !== 'constraint' || kind === 'logical' || baseDefinition === undefined) return [];
  const changes = changesOf(definition);
  if (typeof changes === 'string') return [fault('definition-unusable', '', `${changes}: correct it.`)];
  const trees = new DefinitionTrees(source);
  const base = await trees.structure(baseDefinition);
  if (base === undefined) return [unknown('baseDefinition', baseDefinition)];
  if (base.type !== type) return [fault('definition-type', 'type', OTHER_TYPE)];
  const tree = await trees.tree(baseDefinition);
  if (tree === undefined) return [unknown('baseDefinition', baseDefinition)];
  if (changes === undefined || differential?.element === undefined) return [];
  if (differential.element.length > COMPARED_ELEMENTS_MAX) return [TOO_LARGE];
  const check = new ElementFaults(trees);
  await check.element(changes, tree, tree);
  return check.faults;
}

/** The elements of the differential, each with its place in it; a text says why there are none. */
function changesOf(definition: StructureDefinition): ElementNode | string | undefined {
  try {
    const { differential = [] } = compactStructure(definition);
    return elementTree(differential.map((element, position) => ({ ...element, position })));
  } catch (error) {
    if (error instanceof StructureFault) return error.message;
    throw error;
  }
}

const fault = (rule: RuleId, path: string, diagnostics: string): DefinitionFault => ({
  rule,
  severity: 'error',
  path,
  diagnostics,
});

const unknown = (path: string, canonical: string): DefinitionFault => ({
  rule: 'definition-unusable',
  severity: 'warning',
  path,
  diagnostics: `The base ${canonical} is not known here, or cannot be used, so neither can this profile: load what has it.`,
});

const OTHER_TYPE = "A profile is of the type of its base: correct 'type' or 'baseDefinition'.";
const TOO_LARGE: DefinitionFault = {
  rule: 'definition-unusable',
  severity: 'warning',
  path: 'differential',
  diagnostics: `The differential has more than ${COMPARED_ELEMENTS_MAX} elements, so it was not compared with the base: divide it.`,
};
