import type { Definitions, ElementDefinition, TypeDefinition } from '../../fhir/definitions/types.ts';
import type { ObjectCheck } from '../state.ts';
import type { Weaving } from './scope.ts';
import { compileUnit } from './unit.ts';

/**
 * The compiled checks, made when they are first needed.
 *
 * @param anyResource the check for a place where a resource of any type may stand
 * @param weaving what to weave in besides the structure
 * @returns gives the check of a resource type that is defined
 */
export function createLibrary(
  definitions: Definitions,
  anyResource: ObjectCheck,
  weaving: Weaving = {},
): (resourceType: string) => ObjectCheck {
  const resources = new Map<string, ObjectCheck>();
  const dataTypes: Record<string, ObjectCheck> = { Resource: anyResource };

  /** Data types refer to one another in circles, so those that are still missing become one unit. */
  function provideDataTypes(of: TypeDefinition): void {
    const missing = [...dataTypesBelow(definitions, of)].filter((type) => !(type.name in dataTypes));
    if (missing.length > 0) Object.assign(dataTypes, compileUnit(missing, definitions, dataTypes, weaving));
  }

  return (resourceType) => {
    let check = resources.get(resourceType);
    if (!check) {
      const type = definitions.type(resourceType);
      if (!type) throw new Error(`There is no definition of ${resourceType}`);
      provideDataTypes(type);
      check = compileUnit([type], definitions, dataTypes, weaving)[resourceType]!;
      resources.set(resourceType, check);
    }
    return check;
  };
}

/** The complex data types that can stand somewhere in a type, however deep. */
function dataTypesBelow(definitions: Definitions, type: TypeDefinition): ReadonlySet<TypeDefinition> {
  const found = new Set<TypeDefinition>();
  const visit = (elements: readonly ElementDefinition[]): void => {
    for (const element of elements) {
      for (const { code } of element.types) visitType(code);
      visit(element.children ?? []);
    }
  };
  const visitType = (name: string): void => {
    const definition = definitions.type(name);
    if (definition?.kind !== 'complex-type' || found.has(definition)) return;
    found.add(definition);
    visit(definition.elements);
  };
  visitType('Element');
  visit(type.elements);
  return found;
}
