import type { ElementDefinition } from '../../fhir/definitions/types.ts';
import { identifier, quoted } from './source.ts';
import { absentCode } from './rules.ts';
import { isAttribute, isPrimitive, type UnitScope } from './scope.ts';
import { isContained, objectValue, siblingValue, typedValue } from './values.ts';

/** The code that one element contributes to the check of its object. */
export interface ElementCode {
  /** Declarations before the loop over the properties. */
  before: string[];
  /** What to do for each JSON property that the element can be written as. */
  properties: { key: string; lines: string[] }[];
  /** Checks after all properties have been seen. */
  after: string[];
}

/** An expression that is true, after the loop, if the element was there. */
export function presence(element: ElementDefinition): string {
  return element.choice ? `${chosen(element)} !== ''` : identifier('has', element.name);
}

/** The code of an element. `tracked`: some other rule asks for its `presence`. */
export function elementCode(
  scope: UnitScope,
  element: ElementDefinition,
  inResource: boolean,
  tracked: boolean,
): ElementCode {
  if (element.max === 0) return prohibited(element);
  const code = element.choice ? choiceCode(scope, element) : plainCode(scope, element, inResource, tracked);
  if (element.min > 0) {
    code.after.push(`if (!(${presence(element)})) lib.missing(s, d, ${quoted(element.name)}, shape);`);
  }
  return code;
}

/** An element with one type, or with the content of another element. */
function plainCode(
  scope: UnitScope,
  element: ElementDefinition,
  inResource: boolean,
  tracked: boolean,
): ElementCode {
  const { name } = element;
  const needsPresence = tracked || element.min > 0;
  const seen = needsPresence ? [`${presence(element)} = true;`] : [];
  const before = needsPresence ? [`let ${presence(element)} = false;`] : [];
  if (element.contentReference) {
    return {
      before,
      properties: [{ key: name, lines: [...seen, ...objectValue(scope, element, 'Element')] }],
      after: [],
    };
  }
  const type = element.types[0]!.code;
  const nested = isContained(element) ? ['if (inContained) lib.nestedContained(s, d);'] : [];
  const properties = [{ key: name, lines: [...seen, ...nested, ...typedValue(scope, element, type)] }];
  if (isPrimitive(scope, type) && !isAttribute(element, inResource)) {
    const absent = absentCode(scope, element, type);
    properties.push({ key: `_${name}`, lines: [...seen, ...siblingValue(scope, element, name), ...absent] });
  }
  // An ElementDefinition stands in snapshot and differential under the same id.
  if (
    !scope.structureOnly &&
    element.name === 'id' &&
    !inResource &&
    !element.path.startsWith('ElementDefinition.')
  ) {
    properties[0]!.lines.push('lib.noteElementId(s, d, v);');
  }
  // An element has more than an id (ele-1); `Element` itself is what stands beside the value of a primitive.
  if (!scope.structureOnly && element.name === 'id' && !inResource && element.path !== 'Element.id') {
    properties[0]!.lines.push('count--;');
  }
  const after =
    isContained(element) && !scope.structureOnly
      ? ['if (!inContained && o.contained !== undefined) lib.checkContained(s, d, o);']
      : [];
  return { before, properties, after };
}

/** `value[x]`: one property for each type, of which only one may be there. */
function choiceCode(scope: UnitScope, element: ElementDefinition): ElementCode {
  const variable = chosen(element);
  const properties = element.types.flatMap(({ code: type }) => {
    const key = element.name + type.charAt(0).toUpperCase() + type.slice(1);
    const choose = [
      `if (${variable} !== '' && ${variable} !== ${quoted(key)}) lib.secondChoice(s, d, ${quoted(element.name)});`,
      `${variable} = ${quoted(key)};`,
    ];
    const own = { key, lines: [...choose, ...typedValue(scope, element, type)] };
    if (!isPrimitive(scope, type)) return [own];
    return [own, { key: `_${key}`, lines: [...choose, ...siblingValue(scope, element, key)] }];
  });
  return { before: [`let ${variable} = '';`], properties, after: [] };
}

/** An element with the cardinality 0..0: allowed by the type it comes from, taken away here. */
function prohibited(element: ElementDefinition): ElementCode {
  const lines = [`lib.tooMany(s, d, ${quoted(element.name)}, 0);`];
  const keys = element.choice
    ? element.types.map(({ code }) => element.name + code.charAt(0).toUpperCase() + code.slice(1))
    : [element.name];
  return {
    before: [],
    properties: keys.flatMap((key) => [key, `_${key}`].map((k) => ({ key: k, lines }))),
    after: [],
  };
}

/** The variable that holds the property by which a choice was written; empty: not yet. */
function chosen(element: ElementDefinition): string {
  return identifier('chosen', element.name);
}
