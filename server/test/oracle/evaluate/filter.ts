import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Context, Test } from './context.ts';
import { dateRange, dateSpan } from './dates.ts';
import { parseFilter, type Filter, type Step } from './filterGrammar.ts';
import { definition, referredTo } from './follow.ts';
import { parameterTest, valueTest } from './parameter.ts';
import type { Typed } from './paths.ts';
import { overlaps } from './span.ts';
import { SPECIAL } from './special.ts';
import { fold, includes, startsWith, stringsOf } from './strings.ts';
import { textsOf } from './tokens.ts';
import type { Stored } from './world.ts';

/** `_filter` (http://hl7.org/fhir/R4/search_filter.html). */
export function filterTest(context: Context, type: string, written: string): Test {
  return testOf(context, type, parseFilter(written));
}

function testOf(context: Context, type: string, filter: Filter): Test {
  switch (filter.kind) {
    case 'not': {
      const test = testOf(context, type, filter.filter);
      return (one) => !test(one);
    }
    case 'and':
    case 'or': {
      const [left, right] = [testOf(context, type, filter.left), testOf(context, type, filter.right)];
      return filter.kind === 'and' ? (one) => left(one) && right(one) : (one) => left(one) || right(one);
    }
    case 'test':
      return pathTest(context, type, filter.path, filter.operator, filter.value);
  }
}

/** Follows the references of a path; each may be bound to what satisfies a filter of its own. */
function pathTest(
  context: Context,
  type: string,
  [first, ...rest]: readonly Step[],
  operator: string,
  value: string,
): Test {
  if (rest.length === 0) return operatorTest(context, type, first!.name, operator, value);
  const parameter = definition(context, type, first!.name);
  return (one) =>
    referredTo(context, one, parameter).some((target) => {
      if (!knows(context, target.type, rest[0]!.name)) return false;
      const chain = { type, parameter, target: target.type, rest: { path: [first!, ...rest], operator } };
      if (target.container && !context.looksInside(chain)) return false;
      const where = first!.where;
      if (where && !testOf(context, target.type, where)(target)) return false;
      return pathTest(context, target.type, rest, operator, value)(target);
    });
}

const knows = ({ definitions }: Context, type: string, code: string): boolean =>
  code in SPECIAL || definitions.searchParameter(type, code) !== undefined;

/** "The compareOp is always evaluated against the set of values": one of them must satisfy it. */
function operatorTest(context: Context, type: string, code: string, operator: string, value: string): Test {
  const special = SPECIAL[code];
  if (special) {
    if (code === '_lastUpdated') return special(context, undefined, `${operator}${value}`);
    return special(context, operator === 'ne' ? 'not' : undefined, value);
  }
  const parameter = definition(context, type, code);
  if (operator === 'pr')
    return parameterTest(context, type, parameter, 'missing', value === 'true' ? 'false' : 'true');
  const test = itemTest(context, type, parameter, operator, value);
  return (one) => context.values.of(one, parameter).some((typed) => test(typed, one));
}

function itemTest(
  context: Context,
  type: string,
  parameter: SearchParameterDefinition,
  operator: string,
  value: string,
): (typed: Typed, from: Stored) => boolean {
  if (parameter.type === 'string') {
    const some = (test: (text: string) => boolean) => (typed: Typed) => stringsOf(typed).some(test);
    if (operator === 'eq') return some((text) => fold(text) === fold(value));
    if (operator === 'ne') return some((text) => fold(text) !== fold(value));
    if (operator === 'co') return some((text) => includes(text, value));
    if (operator === 'sw') return some((text) => startsWith(text, value));
    if (operator === 'ew') return some((text) => fold(text).endsWith(fold(value)));
  }
  if (parameter.type === 'uri') {
    if (operator === 'co') return ({ value: uri }) => String(uri).includes(value);
    if (operator === 'sw') return ({ value: uri }) => String(uri).startsWith(value);
    if (operator === 'ew') return ({ value: uri }) => String(uri).endsWith(value);
  }
  if (parameter.type === 'token') {
    if (operator === 'co') return (typed) => textsOf(typed).some((text) => includes(text, value));
    if (operator === 'sw') return (typed) => textsOf(typed).some((text) => startsWith(text, value));
  }
  if (parameter.type === 'date' && operator === 'po') {
    return (typed) => {
      const span = dateSpan(typed);
      return span !== undefined && overlaps(span, dateRange(value));
    };
  }
  const isOrdered = ['date', 'number', 'quantity'].includes(parameter.type);
  if (isOrdered) return valueTest(context, type, parameter, undefined, `${operator}${value}`);
  const equal = valueTest(context, type, parameter, undefined, value);
  if (operator === 'eq' || operator === 're') return equal;
  if (operator === 'ne') return (typed, from) => !equal(typed, from);
  throw new Error(`_filter: ${operator} on a ${parameter.type} is not evaluated here`);
}
