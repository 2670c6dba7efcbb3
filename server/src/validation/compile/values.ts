import type { ElementDefinition } from '../../fhir/definitions/types.ts';
import { arrayRules, elementRules } from './rules.ts';
import { quoted } from './source.ts';
import { backboneFunction, formatFunction, isPrimitive, typeFunction, type UnitScope } from './scope.ts';

/**
 * Code that checks the value `v` of one property of the object `o` at depth `d`. The happy path is written out;
 * all that explains a fault is a call.
 */

/** A value of a primitive type. */
export function primitiveValue(scope: UnitScope, element: ElementDefinition, type: string): string[] {
  const name = quoted(element.name);
  const check = formatFunction(scope, type);
  if (repeats(element)) {
    const rules = elementRules(scope, { element, type, value: 'v[i]', index: 'i' });
    return [
      `lib.checkPrimitives(s, d, ${name}, ${quoted(type)}, v, o[${quoted(`_${element.name}`)}]);`,
      ...(rules.length > 0
        ? [
            `if (Array.isArray(v)) for (let i = 0; i < v.length; i++) {`,
            `  if (${check}(v[i])) { ${rules.join(' ')} }`,
            `}`,
          ]
        : []),
      ...countChecks(element),
    ];
  }
  const wrong = `if (!${check}(v)) lib.badPrimitive(s, d, ${name}, -1, ${quoted(type)}, v);`;
  const rules = elementRules(scope, { element, type, value: 'v', index: '-1' });
  return rules.length > 0 ? [wrong, `else { ${rules.join(' ')} }`] : [wrong];
}

/** The `_name` sibling of a primitive; `key` is the property of the primitive itself. */
export function siblingValue(scope: UnitScope, element: ElementDefinition, key: string): string[] {
  const checkElement = typeFunction(scope, 'Element');
  const value = `o[${quoted(key)}]`;
  return [
    `lib.checkSibling(s, d, ${quoted(element.name)}, v, ${value}, ${repeats(element)}, ${checkElement});`,
  ];
}

/** A value that is an object: a data type, a backbone element, or a resource. */
export function objectValue(scope: UnitScope, element: ElementDefinition, type: string): string[] {
  const name = quoted(element.name);
  const call = (value: string): string => `${objectFunctionOf(scope, element, type)}(${value}, s, d + 1);`;
  const rules = (value: string, index: string): string[] =>
    elementRules(scope, { element, type, value, index });
  const wrong = (index: string, value: string): string =>
    `lib.notObject(s, d, ${name}, ${index}, ${quoted(type)}, ${value});`;
  if (!repeats(element)) {
    return [
      `if (lib.isObject(v)) { names[d] = ${name}; indexes[d] = -1; ${[call('v'), ...rules('v', '-1')].join(' ')} }`,
      `else ${wrong('-1', 'v')}`,
    ];
  }
  return [
    `if (!Array.isArray(v)) { lib.notArray(s, d, ${name}, ${quoted(type)}, v); break; }`,
    `if (v.length === 0) lib.emptyArray(s, d, ${name});`,
    `for (let i = 0; i < v.length; i++) {`,
    `  const item = v[i];`,
    `  if (!lib.isObject(item)) { ${wrong('i', 'item')} continue; }`,
    `  names[d] = ${name}; indexes[d] = i;`,
    ...(isContained(element) ? ['  s.enteringContained = true;'] : []),
    `  ${[call('item'), ...rules('item', 'i')].join(' ')}`,
    `}`,
    ...arrayRules(scope, element, type),
    ...countChecks(element),
  ];
}

/** The value of one allowed type, whatever its kind. */
export function typedValue(scope: UnitScope, element: ElementDefinition, type: string): string[] {
  return isPrimitive(scope, type) ? primitiveValue(scope, element, type) : objectValue(scope, element, type);
}

/** True for `contained` of a resource, whose items may not contain more. */
export function isContained(element: ElementDefinition): boolean {
  return element.name === 'contained' && element.types[0]?.code === 'Resource';
}

/** An element is an array in JSON when its type's own definition allows more than one. */
function repeats(element: ElementDefinition): boolean {
  return element.max === -1 || element.max > 1;
}

/** Bounds other than 0, 1 and *, which `required` and the shape of the JSON do not cover. */
function countChecks({ name, min, max }: ElementDefinition): string[] {
  const checks: string[] = [];
  if (max > 1) checks.push(`if (v.length > ${max}) lib.tooMany(s, d, ${quoted(name)}, ${max});`);
  if (min > 1) checks.push(`if (v.length < ${min}) lib.tooFew(s, d, ${quoted(name)}, ${min});`);
  return checks;
}

function objectFunctionOf(scope: UnitScope, element: ElementDefinition, type: string): string {
  if (element.contentReference) return backboneFunction(element.contentReference);
  if (element.children) return backboneFunction(element.path);
  return typeFunction(scope, type);
}
