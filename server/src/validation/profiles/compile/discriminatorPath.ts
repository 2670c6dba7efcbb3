import { stemOf, upperFirst } from '../choices.ts';
import { isObject, type ValidationState } from '../../state.ts';
import { referencedType, resolved } from './references.ts';

/** A step of the simple FHIRPath that discriminators use (http://hl7.org/fhir/R4/profiling.html#discriminator). */
export type PathStep =
  | { kind: 'child'; name: string }
  | { kind: 'extension'; url: string }
  | { kind: 'resolve' }
  | { kind: 'ofType'; type: string };

/** A value that a path leads to. */
export interface FoundValue {
  /** undefined: something of the type that is not here, as the target of a reference. */
  value: unknown;
  sibling?: unknown;
  /** Its type, where the place tells it: of a choice, of a resource. */
  type?: string;
}

const STEP =
  /^(?:([A-Za-z_]\w*)|extension\(\s*(?:'([^']*)'|"([^"]*)")\s*\)|(resolve)\(\)|(?:ofType|as)\(\s*(?:FHIR\.)?([A-Za-z]\w*)\s*\))$/;

/** The steps of a discriminator's path; undefined where it uses what discriminators may not. */
export function parseDiscriminatorPath(text: string): PathStep[] | undefined {
  const steps: PathStep[] = [];
  for (const part of splitSteps(text)) {
    if (part === '$this') continue;
    const step = parseStep(part);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return steps;
}

function parseStep(part: string): PathStep | undefined {
  const match = STEP.exec(part);
  if (!match) return undefined;
  const [, name, single, double, resolve, type] = match;
  if (name !== undefined) return { kind: 'child', name: stemOf(name) };
  if (resolve !== undefined) return { kind: 'resolve' };
  if (type !== undefined) return { kind: 'ofType', type };
  return { kind: 'extension', url: single ?? double ?? '' };
}

/** At the dots that stand outside of parentheses. */
function splitSteps(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const char of text.trim()) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (char === '.' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.filter((part) => part !== '');
}

/** What a step leads to from each of some values. */
export function takeStep(
  from: readonly FoundValue[],
  step: PathStep,
  at: ValidationState,
  isResourceType: (name: string) => boolean,
): FoundValue[] {
  return from.flatMap((found) => {
    switch (step.kind) {
      case 'child':
        return children(found, step.name);
      case 'extension':
        return extensions(found).filter(({ value }) => isObject(value) && value.url === step.url);
      case 'ofType':
        return found.type === undefined || found.type === step.type ? [found] : [];
      case 'resolve':
        return target(found.value, at, isResourceType);
    }
  });
}

function children({ value, sibling }: FoundValue, name: string): FoundValue[] {
  const object = isObject(value) ? value : sibling;
  if (!isObject(object)) return [];
  const own = object[name];
  const siblings = object[`_${name}`];
  if (own !== undefined || siblings !== undefined) return items(own, siblings);
  for (const key in object) {
    const suffix = key.startsWith(name) ? key.slice(name.length) : '';
    if (/^[A-Z]/.test(suffix)) return items(object[key], object[`_${key}`], suffix);
  }
  return [];
}

function items(value: unknown, sibling: unknown, suffix?: string): FoundValue[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.map((item, i) => {
    const beside: unknown = Array.isArray(sibling) ? sibling[i] : sibling;
    const type = suffix === undefined ? resourceTypeOf(item) : typeOfSuffix(suffix);
    return { value: item, sibling: beside, ...(type === undefined ? {} : { type }) };
  });
}

const resourceTypeOf = (item: unknown): string | undefined =>
  isObject(item) && typeof item.resourceType === 'string' ? item.resourceType : undefined;

/** `Quantity` for `valueQuantity`, `string` for `valueString`: primitive types begin with a small letter. */
export const typeOfSuffix = (suffix: string): string =>
  PRIMITIVES.has(suffix) ? suffix.charAt(0).toLowerCase() + suffix.slice(1) : suffix;

const PRIMITIVES: ReadonlySet<string> = new Set(
  [
    'base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid',
    'positiveInt string time unsignedInt uri url uuid',
  ].flatMap((line) => line.split(' ').map(upperFirst)),
);

function extensions({ value, sibling }: FoundValue): FoundValue[] {
  const object = isObject(value) ? value : sibling;
  if (!isObject(object)) return [];
  const all = [object.extension, object.modifierExtension].flatMap((list: unknown) =>
    Array.isArray(list) ? (list as unknown[]) : [],
  );
  return all.map((extension) => ({ value: extension, type: 'Extension' }));
}

function target(
  value: unknown,
  at: ValidationState,
  isResourceType: (name: string) => boolean,
): FoundValue[] {
  const reference = typeof value === 'string' ? { reference: value } : value;
  if (!isObject(reference)) return [];
  const resource = resolved(reference, at);
  const type = resource ? resourceTypeOf(resource) : referencedType(reference, isResourceType);
  return type === undefined ? [] : [{ value: resource, type }];
}
