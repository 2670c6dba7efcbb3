import type { SearchParameterDefinition } from '../../definitions/types.ts';
import type { Condition, PartValue } from '../ast.ts';
import type { SearchContext } from '../contract.ts';
import { readValue, refused } from '../faults.ts';
import type { LeafName } from '../name.ts';
import { requireSupport } from '../parameters.ts';
import { escapeValue } from '../split.ts';
import { compositeParts } from '../values/composite.ts';
import { parseReference } from '../values/reference.ts';
import { parseToken } from '../values/token.ts';
import { located } from './scanner.ts';
import type { FilterName, FilterTest } from './syntax.ts';
import { withSystem } from './typedTests.ts';

/**
 * Names that only filters have (http://hl7.org/fhir/R4/search_filter.html#params), each with the composite that asks the
 * same and what its parts are called here. Of the page's table these two have parameters in R4.
 */
const ADDITIONAL: Readonly<Record<string, { composite: string; children: readonly string[] }>> = {
  'DocumentReference.relatesTo': { composite: 'relationship', children: ['code', 'target'] },
  'Group.characteristic': { composite: 'characteristic-value', children: ['code', 'value'] },
};

/**
 * `relatesTo[code eq replaces].target re DocumentReference/1`: the element that has both. Undefined for chains.
 *
 * @throws SearchFault
 */
export function additionalCondition(
  context: SearchContext,
  type: string,
  name: Extract<FilterName, { kind: 'chain' }>,
  tests: ReadonlyMap<LeafName, FilterTest>,
): Condition | undefined {
  const additional = ADDITIONAL[`${type}.${name.code}`];
  const parameter = additional && context.definitions.searchParameter(type, additional.composite);
  if (!parameter) return undefined;
  const [first = '', second = ''] = additional.children;
  const where = name.where;
  const rest = name.rest.kind === 'leaf' ? tests.get(name.rest) : undefined;
  const given = new Map<string, FilterTest>();
  if (where?.kind === 'test' && where.name.kind === 'leaf') given.set(where.name.code, where);
  if (rest && name.rest.kind === 'leaf') given.set(name.rest.code, rest);
  const values = additional.children.map((child) => given.get(child));
  if (given.size !== 2 || values.some((test) => test?.operator !== 'eq' && test?.operator !== 're')) {
    throw refused(
      `'${name.code}' of ${type} stands as ${name.code}[${first} eq value].${second} eq value or ${name.code}[${second} eq value].${first} eq value only.`,
    );
  }
  requireSupport(context, type, parameter);
  const parts = compositeParts(context.definitions, parameter)!;
  return {
    kind: 'composite',
    parameter,
    values: [parts.map((part, i) => partValue(context, part, values[i]!))],
  };
}

function partValue(context: SearchContext, part: SearchParameterDefinition, test: FilterTest): PartValue {
  const read = (): PartValue =>
    part.type === 'reference'
      ? { kind: 'reference', reference: parseReference(context.definitions, part, escapeValue(test.value)) }
      : { kind: 'token', token: withSystem(parseToken(test.value)) };
  return located(test.valueAt, () => readValue('the value', read));
}
