import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import { satisfies } from './comparison.ts';
import type { Context, Test } from './context.ts';
import { dateComparison, dateSpan } from './dates.ts';
import { nearMatches } from './near.ts';
import { numberComparison, numberSpan } from './numbers.ts';
import type { Typed } from './paths.ts';
import { measureOf, quantityMatches } from './quantities.ts';
import { familyOf, hierarchiesOf, identifierMatches, referenceMatches } from './references.ts';
import { phoneticMatches } from './phonetic.ts';
import { splitAt, unescape } from './split.ts';
import { fold, includes, startsWith, stringsOf } from './strings.ts';
import { ofTypeMatches, tokenMatches, tokenTextMatches } from './tokens.ts';
import { uriMatches } from './uris.ts';
import type { Stored } from './world.ts';

/** Whether one value of a resource is what is asked for. */
type ValueTest = (typed: Typed, from: Stored) => boolean;

/** What `parameter:modifier=value,value` means for a resource of the type. */
export function parameterTest(
  context: Context,
  type: string,
  parameter: SearchParameterDefinition,
  modifier: string | undefined,
  written: string,
): Test {
  if (modifier === 'missing') return (one) => hasValue(context, one, parameter) === (written === 'false');
  const tests = splitAt(written, ',').map((value) =>
    parameter.type === 'composite'
      ? compositeTest(context, type, parameter, value)
      : someValue(context, parameter, valueTest(context, type, parameter, modifier, value)),
  );
  const any: Test = (one) => tests.some((test) => test(one));
  return modifier === 'not' ? (one) => !any(one) : any;
}

const someValue =
  ({ values }: Context, parameter: SearchParameterDefinition, test: ValueTest): Test =>
  (one) =>
    values.of(one, parameter).some((typed) => test(typed, one));

/** How a value is compared, by the type of the parameter. @param value as written: escapes are still in it */
export function valueTest(
  context: Context,
  type: string,
  parameter: SearchParameterDefinition,
  modifier: string | undefined,
  value: string,
): ValueTest {
  switch (parameter.type) {
    case 'string':
      return stringTest(parameter, modifier, unescape(value));
    case 'token':
      if (modifier === 'text') return (typed) => tokenTextMatches(typed, value);
      if (modifier === 'of-type') return (typed) => ofTypeMatches(typed, value);
      return (typed) => tokenMatches(typed, value);
    case 'reference':
      return referenceTest(context, type, parameter, modifier, value);
    case 'uri':
      return (typed) => uriMatches(typed, unescape(value), modifier);
    case 'date': {
      const asked = dateComparison(value, context.now);
      return (typed) => spanTest(dateSpan(typed), (span) => satisfies(span, asked));
    }
    case 'number': {
      const asked = numberComparison(value);
      return (typed) => spanTest(numberSpan(typed), (span) => satisfies(span, asked));
    }
    case 'quantity':
      return (typed) => quantityMatches(typed, value);
    case 'special':
      return (typed) => nearMatches(typed, value);
    case 'composite':
      throw new Error('A composite cannot be a part of another');
  }
}

const spanTest = <T>(span: T | undefined, test: (span: T) => boolean): boolean =>
  span !== undefined && test(span);

function stringTest(
  parameter: SearchParameterDefinition,
  modifier: string | undefined,
  value: string,
): ValueTest {
  if (parameter.code === 'phonetic')
    return (typed) => stringsOf(typed).some((one) => phoneticMatches(one, value));
  // What folds to nothing (a lone accent) asks for nothing.
  if (modifier !== 'exact' && fold(value) === '') return () => false;
  if (modifier === 'exact') return (typed) => stringsOf(typed).includes(value);
  const compare = modifier === 'contains' ? includes : startsWith;
  return (typed) => stringsOf(typed).some((one) => compare(one, value));
}

function referenceTest(
  context: Context,
  type: string,
  parameter: SearchParameterDefinition,
  modifier: string | undefined,
  value: string,
): ValueTest {
  if (modifier === 'identifier') return (typed) => identifierMatches(typed, value);
  if (modifier !== 'above' && modifier !== 'below') {
    return (typed, from) => referenceMatches(context, parameter, from, typed, value, modifier);
  }
  const name = unescape(value).replace(`${context.world.base}/`, '');
  const hierarchies = hierarchiesOf(context, type, parameter);
  const [hierarchy] = hierarchies.filter(
    (one) => hierarchies.length === 1 || name.startsWith(`${one.type}/`),
  );
  if (!hierarchy) throw new Error(`${parameter.code} of ${type} makes no hierarchy`);
  const start = name.includes('/') ? name : `${hierarchy.type}/${name}`;
  const family = familyOf(context, hierarchy, start, modifier);
  return (typed, from) => [...family].some((name) => referenceMatches(context, parameter, from, typed, name));
}

/** `part$part`: some element holds a value for each part (search.html#composite). */
function compositeTest(
  context: Context,
  type: string,
  parameter: SearchParameterDefinition,
  value: string,
): Test {
  const components = context.values.components(parameter);
  const tests = splitAt(value, '$').map((part, i) =>
    valueTest(context, type, components[i]!, undefined, part),
  );
  return (one) =>
    context.values
      .composites(one, parameter)
      .some((parts) => tests.every((test, i) => parts[i]!.some((typed) => test(typed, one))));
}

/**
 * Whether a parameter has a value (search.html#modifiers): usually, that the element is there. Names without a text,
 * periods without an end and quantities without a number are not.
 */
function hasValue({ values }: Context, one: Stored, parameter: SearchParameterDefinition): boolean {
  return values.of(one, parameter).some((typed) => {
    if (parameter.type === 'string') return stringsOf(typed).length > 0;
    if (parameter.type === 'date' && DATES.has(typed.type)) return dateSpan(typed) !== undefined;
    if (parameter.type === 'number') return numberSpan(typed) !== undefined;
    if (parameter.type === 'quantity') return measureOf(typed) !== undefined;
    return true;
  });
}

/** What date parameters can search by; other types (an age at onset) are values without a place in time. */
const DATES = new Set(['date', 'dateTime', 'instant', 'Period', 'Timing']);
