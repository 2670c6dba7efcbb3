import type { Definitions, ElementDefinition } from '../../../src/fhir/definitions/types.ts';
import { dataType, type ValueContext } from './dataTypes.ts';
import type { Interest } from './interest.ts';
import { POSITIONS } from './pools.ts';
import { primitive } from './primitives.ts';
import { rawNumber } from './decimal.ts';
import { CANONICALS, canonicalUrl, reference, type Contained, type Plan } from './references.ts';
import type { Random } from './random.ts';

export interface ElementContext extends ValueContext {
  definitions: Definitions;
  interest: Interest;
  plan: Plan;
  contained: Contained;
}

/** How often an optional element stands that search looks at, and one that it does not. */
const INTERESTING = 0.6;
const OTHER = 0.03;
const DEPTH_MAX = 5;
/** Types that are never made: extensions are open-ended, resources in resources are made on purpose only. */
const SKIPPED = new Set(['Extension', 'Resource', 'Narrative', 'Meta', 'xhtml']);

/** A random object with the given elements; `path` is where it stands, e.g. `Observation.component`. */
export function elements(
  context: ElementContext,
  definitions: readonly ElementDefinition[],
  path: string,
  depth = 0,
): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const element of definitions) {
    const here = `${path}.${element.name}`;
    if (typesOf(element).length === 0 || !stands(context, element, here, depth)) continue;
    const type = chosenType(context, element, here);
    const name = element.choice ? element.name + type.charAt(0).toUpperCase() + type.slice(1) : element.name;
    const value = repeated(context, element, type, here, depth);
    if (value !== undefined) made[name] = value;
    else if (element.min === 0 && !element.choice && isPrimitive(context, type))
      withoutValue(made, name, element);
  }
  return made;
}

/** Types that are made; what reuses another element's children names none. */
function typesOf(element: ElementDefinition): string[] {
  if (element.contentReference !== undefined) return ['BackboneElement'];
  return element.types.map(({ code }) => code).filter((code) => !SKIPPED.has(code));
}

function stands(
  { random, interest }: ElementContext,
  element: ElementDefinition,
  path: string,
  depth: number,
): boolean {
  if (element.min > 0) return true;
  if (depth >= DEPTH_MAX || element.name === 'id' || element.name === 'implicitRules') return false;
  return random.chance(interest.has(path) ? INTERESTING : OTHER);
}

function chosenType({ random, interest }: ElementContext, element: ElementDefinition, path: string): string {
  const types = typesOf(element);
  const wanted = types.filter((type) => interest.get(path)?.has(type));
  return random.pick(wanted.length > 0 && random.chance(0.8) ? wanted : types);
}

function repeated(
  context: ElementContext,
  element: ElementDefinition,
  type: string,
  path: string,
  depth: number,
): unknown {
  const { random } = context;
  if (element.max === 1) {
    const missing = element.min === 0 && isPrimitive(context, type) && random.chance(0.02);
    return missing ? undefined : single(context, element, type, path, depth);
  }
  const count = Math.max(
    element.min,
    random.weighted([
      [65, 1],
      [25, 2],
      [10, 3],
    ]),
  );
  return Array.from({ length: count }, () => single(context, element, type, path, depth));
}

/** An element that has an extension in place of its value: search must take it for missing. */
function withoutValue(made: Record<string, unknown>, name: string, element: ElementDefinition): void {
  const url = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
  if (element.max === 1) made[`_${name}`] = { extension: [{ url, valueCode: 'unknown' }] };
}

function isPrimitive({ definitions }: ElementContext, type: string): boolean {
  return definitions.type(type)?.kind === 'primitive-type';
}

function single(
  context: ElementContext,
  element: ElementDefinition,
  type: string,
  path: string,
  depth: number,
): unknown {
  const { random, definitions, plan, contained } = context;
  if (path === 'Location.position') return position(random);
  const children = element.children ?? contentChildren(definitions, element);
  if (children) return filled(context, children, path, depth + 1);
  const targets = element.types.find(({ code }) => code === type)?.targets;
  if (type === 'Reference') return reference(random, plan, contained, targets);
  if (type === 'canonical' && targets && random.chance(0.9)) return canonical(random, targets);
  if (type === 'uri' && element.name === 'url' && /^[A-Z]\w*\.url$/.test(path) && random.chance(0.7))
    return canonicalUrl(path.split('.')[0]!, random.below(CANONICALS));
  if (type === 'code' && element.requiredValueSet !== undefined) {
    const codes = context.bindings(element.requiredValueSet);
    if (codes.length > 0) return random.pick(codes).code;
  }
  return (
    primitive(random, type) ??
    dataType(context, type, element) ??
    filled(context, definitions.type(type)?.elements ?? [], path, depth + 1)
  );
}

/** An object with at least one member: FHIR has no empty ones. */
function filled(
  context: ElementContext,
  children: readonly ElementDefinition[],
  path: string,
  depth: number,
): Record<string, unknown> {
  const made = elements(context, children, path, depth);
  if (Object.keys(made).length > 0) return made;
  const simple = children.filter(
    ({ name, types }) => name !== 'id' && isPrimitive(context, types[0]?.code ?? ''),
  );
  const usable = simple.length > 0 ? simple : children.filter((child) => typesOf(child).length > 0);
  return elements(context, [{ ...context.random.pick(usable), min: 1 }], path, depth);
}

/** Children of an element that reuses another's (`Questionnaire.item.item`); undefined where it has its own. */
function contentChildren(
  definitions: Definitions,
  element: ElementDefinition,
): readonly ElementDefinition[] | undefined {
  if (element.contentReference === undefined) return undefined;
  const [root = '', ...names] = element.contentReference.split('.');
  let children = definitions.type(root)?.elements;
  for (const name of names) children = children?.find((child) => child.name === name)?.children;
  return children;
}

function canonical(random: Random, targets: readonly string[]): string {
  const url = canonicalUrl(random.pick(targets), random.below(CANONICALS));
  return random.chance(0.3) ? `${url}|${1 + random.below(2)}` : url;
}

function position(random: Random): object {
  const [latitude, longitude] = random.pick(POSITIONS);
  return { latitude: rawNumber(String(latitude)), longitude: rawNumber(String(longitude)) };
}
