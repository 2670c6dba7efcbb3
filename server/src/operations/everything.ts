import type { Definitions } from '../fhir/definitions/types.ts';
import type { CarePeriod, EverythingRecords, EverythingType } from '../records/everything.ts';
import type { Operation, OperationRequest } from './operation.ts';
import type { OperationParameters } from './parameters.ts';
import { acceptOnly, PAGE_PARAMETER, pageCount, time } from './values.ts';
import { parameterFault } from './parameterFault.ts';

const COMMON = ['_since', '_type', '_count'];

/** `Patient/[id]/$everything` and `Patient/$everything` (http://hl7.org/fhir/R4/patient-operation-everything.html). */
export function patientEverything(everything: EverythingRecords, definitions: Definitions): Operation {
  return {
    name: 'everything',
    definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
    levels: ['type', 'instance'],
    types: ['Patient'],
    affectsState: false,
    run: (request) => run(everything, definitions, request, 'Patient', ['start', 'end', ...COMMON]),
  };
}

/** `Encounter/[id]/$everything` (http://hl7.org/fhir/R4/encounter-operation-everything.html). */
export function encounterEverything(everything: EverythingRecords, definitions: Definitions): Operation {
  return {
    name: 'everything',
    definition: 'http://hl7.org/fhir/OperationDefinition/Encounter-everything',
    levels: ['instance'],
    types: ['Encounter'],
    affectsState: false,
    run: (request) => run(everything, definitions, request, 'Encounter', COMMON),
  };
}

async function run(
  everything: EverythingRecords,
  definitions: Definitions,
  { caller, id, parameters }: OperationRequest,
  type: EverythingType,
  names: readonly string[],
) {
  acceptOnly(parameters, 'everything', names);
  const types = typesOf(definitions, parameters);
  const since = time(parameters, '_since');
  const page = parameters.text(PAGE_PARAMETER);
  const { asOf, ...result } = await everything.page(caller, {
    type,
    care: carePeriod(parameters),
    count: pageCount(parameters),
    ...(id !== undefined && { id }),
    ...(types && { types }),
    ...(since && { since: new Date(since.loMs) }),
    ...(page !== undefined && { page }),
  });
  const used = parameters.pairs().filter(([name]) => name !== PAGE_PARAMETER);
  return { kind: 'page' as const, result, used, asOf, ...(page !== undefined && { page }) };
}

/** Resource types, separated by commas or in several parameters. */
function typesOf(definitions: Definitions, parameters: OperationParameters): string[] | undefined {
  const texts = parameters.texts('_type');
  if (texts.length === 0) return undefined;
  const types = texts.flatMap((text) => text.split(','));
  const wrong = types.findIndex((type) => !definitions.isResourceType(type));
  if (wrong < 0) return [...new Set(types)].sort();
  const text = `_type takes names of resource types, separated by commas: name ${wrong + 1} is none.`;
  throw parameterFault('value', '_type', text);
}

/** The whole days from `start` to `end`. */
function carePeriod(parameters: OperationParameters): CarePeriod {
  const [start, end] = [time(parameters, 'start'), time(parameters, 'end')];
  if (start && end && start.loMs > end.hiMs) {
    throw parameterFault('invalid', 'start', 'start must not be after end.');
  }
  return { ...(start && { fromMs: start.loMs }), ...(end && { toMs: end.hiMs }) };
}
