import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import { satisfies } from './comparison.ts';
import type { Context, Test } from './context.ts';
import { dateComparison, dateSpan } from './dates.ts';
import { nearMatches } from './near.ts';
import { numberComparison, numberSpan } from './numbers.ts';
import type { Typed } from './paths.ts';
import { pointer } from './pointers.ts';
import { measureOf, quantityMatches } from './quantities.ts';
import { familyOf, hierarchyOf, identifierMatches, referenceMatches } from './references.ts';
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
      return (typed) => uriMatches(typed.value, unescape(value), modifier);
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
  const hierarchy = hierarchyOf(context, type, parameter);
  if (!hierarchy) throw new Error(`${parameter.code} of ${type} makes no hierarchy`);
  const start = unescape(value).replace(`${context.world.base}/`, '');
  const family = familyOf(
    context,
    hierarchy,
    start.includes('/') ? start : `${hierarchy.type}/${start}`,
    modifier,
  );
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

/** Whether a parameter has a value: something that it could be searched by, or of tokens and references any element. */
function hasValue({ values, world }: Context, one: Stored, parameter: SearchParameterDefinition): boolean {
  return values.of(one, parameter).some((typed) => {
    switch (parameter.type) {
      case 'string':
        return stringsOf(typed).length > 0;
      case 'date':
        return dateSpan(typed) !== undefined;
      case 'number':
        return numberSpan(typed) !== undefined;
      case 'quantity':
        return measureOf(typed) !== undefined;
      case 'reference':
        return pointer(world, one, typed) !== undefined;
      default:
        return true;
    }
  });
}
