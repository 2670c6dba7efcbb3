import type { ElementDefinition, TypeDefinition } from '../../fhir/definitions/types.ts';
import type { ObjectShape } from '../objects.ts';
import { elementCode } from './elements.ts';
import { objectInvariants } from './invariants.ts';
import { elementsOfRules, objectRuleCode } from './objectRules.ts';
import { backboneFunction, type UnitScope } from './scope.ts';
import { indented, quoted } from './source.ts';

/** The functions that check a type and every backbone element in it. */
export function typeCode(scope: UnitScope, type: TypeDefinition): string[] {
  const inResource = type.kind === 'resource';
  return [
    ...objectCode(scope, type.name, type.elements, inResource),
    ...backbones(type.elements).flatMap((element) =>
      objectCode(scope, element.path, element.children ?? [], false),
    ),
  ];
}

function backbones(elements: readonly ElementDefinition[]): ElementDefinition[] {
  return elements.flatMap((element) => (element.children ? [element, ...backbones(element.children)] : []));
}

/**
 * One function: a loop over the properties that are there, with a case for each that may be, then the checks of
 * what should have been. Names inside: `o` the object, `s` the ValidationState, `d` the depth, `v` the value.
 */
function objectCode(
  scope: UnitScope,
  path: string,
  elements: readonly ElementDefinition[],
  isResource: boolean,
): string[] {
  const name = backboneFunction(path);
  const shape = `${name}_shape`;
  const tracked = elementsOfRules(path);
  const codes = elements.map((element) => elementCode(scope, element, isResource, tracked.has(element.name)));
  const cases = codes
    .flatMap((code) => code.properties)
    .flatMap(({ key, lines }) => [`case ${quoted(key)}:`, ...indented([...lines, 'break;'])]);
  return [
    `const ${shape} = ${JSON.stringify(shapeOf(path, elements))};`,
    `function ${name}(o, s, d) {`,
    ...indented([
      ...(isResource ? ['const inContained = s.enteringContained;', 's.enteringContained = false;'] : []),
      `if (d > s.depthMax) return lib.tooDeep(s, d);`,
      `const shape = ${shape}, names = s.names, indexes = s.indexes;`,
      `let count = 0;`,
      ...codes.flatMap((code) => code.before),
      `for (const key in o) {`,
      ...indented([
        `const v = o[key];`,
        `count++;`,
        `switch (key) {`,
        ...(isResource ? [`case 'resourceType': break;`] : []),
        ...cases,
        `default: lib.unknownElement(s, d, key, shape);`,
        `}`,
      ]),
      `}`,
      `if (count === 0) return lib.emptyObject(s, d);`,
      ...codes.flatMap((code) => code.after),
      ...objectRuleCode(path, elements, scope.structureOnly),
      ...objectInvariants(scope, path),
    ]),
    `}`,
  ];
}

function shapeOf(path: string, elements: readonly ElementDefinition[]): ObjectShape {
  const choices = elements
    .filter((element) => element.choice)
    .map((element) => [element.name, element.types.map((type) => type.code)] as const);
  return { path, choices: Object.fromEntries(choices) };
}
