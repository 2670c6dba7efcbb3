import type { SearchParameterDefinition } from '../../definitions/types.ts';
import type { Condition, Prefix } from '../ast.ts';
import { urlCondition } from '../canonical.ts';
import { COMMON, type CommonValues } from '../common.ts';
import type { SearchContext } from '../contract.ts';
import { readValue, refused, wrong } from '../faults.ts';
import { requireSupport, searchParameter } from '../parameters.ts';
import { escapeValue } from '../split.ts';
import { compareDate } from '../values/date.ts';
import { parseUri } from '../values/uri.ts';
import { hasOneValue } from './hasOneValue.ts';
import { SERVED, requireOperator } from './operators.ts';
import { faultAt, located } from './scanner.ts';
import type { FilterTest } from './syntax.ts';
import { equality, matching, ordering } from './typedTests.ts';

/** Operators on the parameters that every type has and that are no search in an index. */
const SERVED_ON_COMMON: ReadonlyMap<string, readonly string[]> = new Map([
  ['_id', ['eq', 'ne', 'pr']],
  ['_lastUpdated', SERVED.date],
  ['_text', ['eq', 'co']],
  ['_content', ['eq', 'co']],
  ['_list', ['eq']],
]);

/**
 * `parameter operator value` on a type.
 *
 * @throws SearchFault
 */
export function testCondition(
  context: SearchContext,
  type: string,
  code: string,
  test: FilterTest,
): Condition {
  const common = SERVED_ON_COMMON.get(code);
  if (common) {
    located(test.operatorAt, () => requireOperator(test.operator, common, `'${code}'`));
    return commonTest(context, type, code, test);
  }
  const parameter = located(test.at, () => searchParameter(context, type, code));
  const served = SERVED[parameter.type];
  located(test.operatorAt, () =>
    requireOperator(test.operator, served, `'${code}' of ${type} (of type ${parameter.type})`),
  );
  if (test.operator === 'ne' && ambiguous(context, type, parameter)) {
    throw faultAt(test.operatorAt, refused(severalValues(type, parameter)));
  }
  located(test.at, () => requireSupport(context, type, parameter, modifierOf(parameter, test.operator)));
  return parameterTest(context, type, parameter, test);
}

function commonTest(context: SearchContext, type: string, code: string, test: FilterTest): Condition {
  const { operator } = test;
  if (operator === 'pr') return { kind: 'constant', value: present(test) };
  if (code === '_lastUpdated') {
    const comparison = ofValue(test, (text) => compareDate(operator as Prefix, text));
    return { kind: 'last-updated', comparisons: [comparison] };
  }
  const values: CommonValues = {
    each: (read) => [ofValue(test, (text) => read(escapeValue(text)))],
    missing: () => {
      throw new Error('A test of a filter has no modifier');
    },
  };
  const condition = COMMON.get(code)!(context, type, undefined, values);
  return operator === 'ne' ? { kind: 'not', condition } : condition;
}

function parameterTest(
  context: SearchContext,
  type: string,
  parameter: SearchParameterDefinition,
  test: FilterTest,
): Condition {
  const { operator } = test;
  if (operator === 'pr') return { kind: 'missing', parameter, missing: !present(test) };
  if (operator === 'eq' && parameter.type === 'uri') {
    return urlCondition(context, type, parameter, [ofValue(test, (text) => parseUri(escapeValue(text)))]);
  }
  return (
    ofValue(test, (text) => ordering(parameter, operator, text)) ??
    ofValue(test, (text) => matching(parameter, operator, text)) ??
    ofValue(test, (text) => equality(context.definitions, parameter, operator, text))
  );
}

/**
 * `ne` asks for some value that differs. Keys tell that only where there is one value; spans of dates and numbers always.
 */
function ambiguous(context: SearchContext, type: string, parameter: SearchParameterDefinition): boolean {
  return (
    ['string', 'token', 'uri', 'reference'].includes(parameter.type) &&
    !hasOneValue(context.definitions, type, parameter)
  );
}

const severalValues = (type: string, { code }: SearchParameterDefinition) =>
  `'ne' asks whether some value differs, which is not served where a resource may have several, as of '${code}' of ${type}: write not(${code} eq value) to ask that none is equal.`;

/** The modifier that asks the same of the store. */
function modifierOf(parameter: SearchParameterDefinition, operator: string): string | undefined {
  if (operator === 'pr') return 'missing';
  if (parameter.type === 'token') return operator === 'co' || operator === 'sw' ? 'text' : undefined;
  return parameter.type === 'string' && (operator === 'co' || operator === 'ew') ? 'contains' : undefined;
}

function present(test: FilterTest): boolean {
  if (test.value === 'true' || test.value === 'false') return test.value === 'true';
  throw faultAt(test.valueAt, wrong('pr takes true (there is a value) or false (there is none).'));
}

function ofValue<T>(test: FilterTest, read: (text: string) => T): T {
  return located(test.valueAt, () => readValue('the value', () => read(test.value)));
}
