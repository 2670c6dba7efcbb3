import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/types.ts';
import { fhirError } from '../fhir/outcome.ts';
import { COUNT_MAX } from '../fhir/search/limits.ts';
import type { LastNRecords } from '../records/lastN.ts';
import type { Records } from '../records/records.ts';
import type { Operation, OperationRequest } from './operation.ts';
import type { OperationParameters } from './parameters.ts';
import { PAGE_PARAMETER, positiveInt } from './values.ts';
import { parameterFault } from './parameterFault.ts';

/** Result parameters that have no place here: the order is given, and what is left is no plain search. */
const REFUSED = ['_sort', '_total', '_contained', '_containedType', '_explain'];
/** How the answer looks, not what it is of. */
const OF_THE_PAGE = new Set([PAGE_PARAMETER, '_count', '_summary', '_elements', '_include', '_revinclude']);

/**
 * `Observation/$lastn`: the latest observations of each code of a subject
 * (http://hl7.org/fhir/R4/observation-operation-lastn.html).
 */
export function lastNOperation(
  lastN: LastNRecords,
  records: Pick<Records, 'parseSearch'>,
  definitions: Definitions,
): Operation {
  return {
    name: 'lastn',
    definition: 'http://hl7.org/fhir/OperationDefinition/Observation-lastn',
    levels: ['type'],
    types: ['Observation'],
    affectsState: false,
    run: async ({ caller, parameters, handling }: OperationRequest) => {
      const max = positiveInt(parameters, 'max', 1);
      const pairs = parameters.pairs().filter(([name]) => name !== 'max');
      refuse(pairs);
      const { query, used, ignored } = records.parseSearch({ type: 'Observation' }, pairs, handling);
      requireSubjectAndCode(definitions, used);
      if (query.summary === 'count') throw notHere('_summary=count');
      const count = parameters.text('_count') === undefined ? COUNT_MAX : query.count;
      if (count === 0) throw notHere('_count=0');
      const identity = JSON.stringify(used.filter(([name]) => !OF_THE_PAGE.has(name)));
      const result = await lastN.page(caller, { query: { ...query, count }, max, identity });
      return {
        kind: 'page',
        result,
        used: [...maxPair(parameters), ...used],
        ignored,
        summary: query.summary,
        ...(query.elements && { elements: query.elements }),
        ...(query.page !== undefined && { page: query.page }),
      };
    },
  };
}

function maxPair(parameters: OperationParameters): [string, string][] {
  const max = parameters.text('max');
  return max === undefined ? [] : [['max', max]];
}

function refuse(pairs: readonly (readonly [string, string])[]): void {
  const refused = pairs.find(([name]) => REFUSED.includes(name))?.[0];
  if (refused !== undefined) throw notHere(refused);
}

const notHere = (what: string) =>
  fhirError(
    'incorrect',
    'not-supported',
    `$lastn does not take ${what}; it takes max, _count, _include and Observation's search parameters, and sorts from the most recent to the oldest.`,
  );

/** What a request shall include, or the answer would be about everybody and everything. */
function requireSubjectAndCode(definitions: Definitions, used: readonly (readonly [string, string])[]): void {
  const names = used.map(([name]) => name).filter((name) => !/:(missing|not)$/.test(name));
  if (!names.some((name) => /^(patient|subject)([:.]|$)/.test(name))) {
    const text = '$lastn needs a subject: give the search parameter patient or subject.';
    throw parameterFault('required', 'patient', text);
  }
  const isAboutCodes = (name: string) => {
    const code = /^[^:.]*/.exec(name)![0];
    const parameter = definitions.searchParameter('Observation', code);
    return code === 'category' || (parameter !== undefined && readsCode(parameter));
  };
  if (names.some(isAboutCodes)) return;
  const text =
    '$lastn needs to know of what: give the search parameter category or code (or one that reads a code).';
  throw parameterFault('required', 'code', text);
}

/** `code`, `combo-code`, `code-value-quantity`, ... */
function readsCode({ expression = '', component = [] }: SearchParameterDefinition): boolean {
  return [expression, ...component.map((part) => part.expression)].some((text) => /\bcode\b/.test(text));
}
