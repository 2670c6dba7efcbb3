import type { TypedConstant } from '../../../fhir/structures/structure.ts';
import { isObject } from '../../state.ts';
import type { CompileContext, ItemCheck } from './types.ts';

/** `fixed[x]`: exactly this value (http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.fixed_x_). */
export function fixedCheck(ctx: CompileContext, { value: fixed }: TypedConstant): ItemCheck {
  const { demander } = ctx;
  const wanted = shown(fixed);
  return (value, _sibling, _type, at, depth, name, index) => {
    if (isEqual(value, fixed)) return;
    const text = `The element '${name}' must be exactly ${wanted} (${demander}): correct it.`;
    at.report('profile-fixed', depth, name, index, text);
  };
}

/** `pattern[x]`: at least what the pattern has (elementdefinition-definitions.html#ElementDefinition.pattern_x_). */
export function patternCheck(ctx: CompileContext, { value: pattern }: TypedConstant): ItemCheck {
  const { demander } = ctx;
  const wanted = shown(pattern);
  return (value, _sibling, _type, at, depth, name, index) => {
    if (matchesPattern(value, pattern)) return;
    const text = `The element '${name}' must have at least ${wanted} (${demander}): add what is missing.`;
    at.report('profile-pattern', depth, name, index, text);
  };
}

const SHOWN_LENGTH_MAX = 300;

/** A constant of the profile, which is no content of the resource, as it stands in a message. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN_LENGTH_MAX ? 'what the profile says' : text;
}

/** The same JSON, whatever the order of the properties. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => name in b && isEqual(a[name], b[name]))
  );
}

/** Whether a value has what the pattern has: each item of a list in the pattern must be matched by one of the value's. */
export function matchesPattern(value: unknown, pattern: unknown): boolean {
  if (value === pattern) return true;
  if (Array.isArray(pattern)) {
    return (
      Array.isArray(value) &&
      pattern.every((wanted) => value.some((item: unknown) => matchesPattern(item, wanted)))
    );
  }
  if (!isObject(pattern) || !isObject(value)) return false;
  for (const name in pattern) if (!matchesPattern(value[name], pattern[name])) return false;
  return true;
}
