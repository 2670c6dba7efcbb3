import type { ElementDefinition, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import { valueText } from './parameter.ts';
import { hasValues, plainParameters } from './parameters.ts';
import { hasTexts } from '../evaluate/tokens.ts';
import type { Source } from './source.ts';

const DEPTH_MAX = 3;

/** Operators by type of parameter (search_filter.html#ops), without those that need terminology. */
const OPERATORS: Readonly<Partial<Record<string, readonly string[]>>> = {
  string: ['eq', 'ne', 'ne', 'co', 'sw', 'ew', 'pr'],
  token: ['eq', 'eq', 'ne', 'co', 'sw', 'pr'],
  reference: ['re', 'eq', 'ne', 'pr'],
  date: ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'],
  number: ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'],
  quantity: ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'],
  uri: ['eq', 'ne', 'ne', 'ne', 'co', 'sw', 'ew', 'pr'],
};
/** In a filter these mean something else or nothing that the page says. */
const UNCLEAR = /[\\$"]/;

/** A random `_filter` on a type. */
export function filterText(source: Source, type: string, depth = 0): string {
  const { random } = source;
  const inner = () => filterText(source, type, depth + 1);
  const deeper = depth < DEPTH_MAX ? 1 : 0;
  return random.weighted<() => string>([
    [50, () => testText(source, type)],
    [15 * deeper, () => `${inner()} and ${inner()}`],
    [15 * deeper, () => `${inner()} or ${inner()}`],
    [8 * deeper, () => `(${inner()})`],
    [10 * deeper, () => `not (${inner()})`],
    [10 * deeper, () => pathText(source, type, depth)],
  ])();
}

/** `parameter operator value`. */
function testText(source: Source, type: string): string {
  const { random } = source;
  const parameters = plainParameters(source, type).filter(
    (parameter) => canFilter(parameter) && hasValues(source, type, parameter),
  );
  if (parameters.length === 0) return '_id ne x0';
  return parameterTestText(source, type, random.pick(parameters));
}

/** Whether a filter can test the parameter. */
export const canFilter = ({ type, code }: SearchParameterDefinition): boolean =>
  type in OPERATORS && code !== 'phonetic';

/** `operator value` for a parameter. */
export function parameterTestText(
  source: Source,
  type: string,
  parameter: SearchParameterDefinition,
): string {
  const { random } = source;
  const operators = OPERATORS[parameter.type]!.filter((operator) => takes(source, type, parameter, operator));
  const operator = random.pick(operators);
  if (operator === 'pr') return `${parameter.code} pr ${random.pick(['true', 'false'])}`;
  return `${parameter.code} ${operator} ${quoted(source, operatorValue(source, type, parameter, operator))}`;
}

/** Whether the parameter takes an operator of its type. */
function takes(
  source: Source,
  type: string,
  parameter: SearchParameterDefinition,
  operator: string,
): boolean {
  if (operator === 'ne') return takesNe(source, type, parameter);
  const needsTexts = parameter.type === 'token' && ['co', 'sw'].includes(operator);
  return !needsTexts || source.values(type, parameter).some(hasTexts);
}

/**
 * `ne` asks whether some value differs. This server answers that of ordered values, and of others where there is one at
 * most: at one path along which nothing repeats, and not of several texts.
 */
function takesNe(
  { context }: Source,
  type: string,
  { type: kind, expression = '' }: SearchParameterDefinition,
): boolean {
  if (['date', 'number', 'quantity'].includes(kind)) return true;
  const [root, ...names] = expression.split('.');
  // InsurancePlan's `name | alias` begins with no type.
  if (names.length === 0) return false;
  let elements: readonly ElementDefinition[] = context.definitions.type(type)?.elements ?? [];
  for (const [i, name] of names.entries()) {
    const element = elements.find((one) => one.name === name);
    if (root !== type || element?.max !== 1 || element.contentReference !== undefined) return false;
    const isLast = i === names.length - 1;
    if (kind === 'string' && isLast && element.types.some(({ code }) => /^[A-Z]/.test(code))) return false;
    elements = element.children ?? context.definitions.type(element.types[0]?.code ?? '')?.elements ?? [];
  }
  return true;
}

function operatorValue(
  source: Source,
  type: string,
  parameter: SearchParameterDefinition,
  operator: string,
): string {
  // On tokens `co` and `sw` search the texts beside them.
  const modifier = parameter.type === 'token' && ['co', 'sw'].includes(operator) ? 'text' : undefined;
  for (let tries = 0; tries < 20; tries++) {
    const text = valueText(source, type, parameter, modifier);
    const bare = text.replace(/^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[-\d])/, '');
    if (!UNCLEAR.test(bare)) return bare;
  }
  return '1';
}

/** As a JSON string, or bare where it can be. */
function quoted({ random }: Source, text: string): string {
  return /^[^\s"()[\]]+$/.test(text) && random.chance(0.5) ? text : JSON.stringify(text);
}

/** `reference.parameter operator value`, with or without a filter in brackets; the reference must lead to one type. */
function pathText(source: Source, type: string, depth: number): string {
  const { random } = source;
  const links = source.links(type).filter(({ parameter }) => parameter.target?.length === 1);
  if (links.length === 0) return testText(source, type);
  const { parameter: link, targets } = random.pick(links);
  const target = targets[0]!;
  const where = random.chance(0.4) ? `[${filterText(source, target, depth + 2)}]` : '';
  return `${link.code}${where}.${testText(source, target)}`;
}
