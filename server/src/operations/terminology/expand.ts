import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import type { ExpansionRequest, TerminologyRecords } from '../../records/terminology.ts';
import type { Operation, OperationRequest } from '../operation.ts';
import type { OperationParameters } from '../parameters.ts';
import { boolean } from '../values.ts';
import { answering, contextOf, languagesOf, missing } from './context.ts';
import { chosenValueSet } from './valueSetChoice.ts';
import { parameterFault } from '../parameterFault.ts';

/** `ValueSet/$expand` (http://hl7.org/fhir/R4/valueset-operation-expand.html). */
export function expandOperation(terminology: TerminologyRecords): Operation {
  return {
    name: 'expand',
    definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand',
    levels: ['type', 'instance'],
    types: ['ValueSet'],
    affectsState: false,
    run: (request) =>
      answering(async () => {
        const context = contextOf(request.parameters);
        if (request.parameters.named('context').length > 0)
          throw fhirError(
            'unprocessable',
            'not-supported',
            "$expand does not look up bindings: name the value set by 'url' and leave 'context' out.",
          );
        const resource = await chosenValueSet(terminology, request, context);
        if (!resource)
          throw missing('expand', 'url', "a value set: its 'url', or the resource as 'valueSet'");
        const wanted = expansionRequest(request, resource);
        return terminology.expand(request.caller, { resource }, wanted, context);
      }),
  };
}

function expansionRequest(request: OperationRequest, valueSet: JsonObject): ExpansionRequest {
  const { parameters } = request;
  const languages = languagesOf(request, valueSet);
  const [filter, count, offset] = [
    parameters.text('filter'),
    size(parameters, 'count'),
    size(parameters, 'offset'),
  ];
  const isTrue = (name: string) => boolean(parameters, name) === true;
  return {
    ...(filter !== undefined && { filter }),
    ...(count !== undefined && { count }),
    ...(offset !== undefined && { offset }),
    ...(languages && { languages }),
    activeOnly: isTrue('activeOnly'),
    excludeNested: isTrue('excludeNested'),
    excludeNotForUI: isTrue('excludeNotForUI'),
    includeDefinition: isTrue('includeDefinition'),
    versionsMatch: isTrue('versionsMatch'),
    includeDesignations: isTrue('includeDesignations') || parameters.named('designation').length > 0,
    designations: parameters.texts('designation'),
    properties: parameters.texts('property'),
    excludedSystems: parameters.texts('exclude-system').map(parseCanonical),
    echo: echoed(parameters, languages?.text),
  };
}

/** A number from 0 up. @throws FhirError `incorrect` */
function size(parameters: OperationParameters, name: string): number | undefined {
  const text = parameters.text(name);
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw parameterFault('value', name, `${name} must be a whole number from 0 up.`);
}

/** Parameters that an expansion says it was made with, and the type of their value. */
const ECHOED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    filter: 'valueString',
    count: 'valueInteger',
    offset: 'valueInteger',
    activeOnly: 'valueBoolean',
    excludeNested: 'valueBoolean',
    excludeNotForUI: 'valueBoolean',
    excludePostCoordinated: 'valueBoolean',
    includeDefinition: 'valueBoolean',
    versionsMatch: 'valueBoolean',
    includeDesignations: 'valueBoolean',
    designation: 'valueString',
    'system-version': 'valueUri',
    'check-system-version': 'valueUri',
    'force-system-version': 'valueUri',
    'exclude-system': 'valueUri',
    'default-valueset-version': 'valueUri',
  }),
);

function echoed(parameters: OperationParameters, language: string | undefined): JsonObject[] {
  const texts = parameters.all.flatMap(({ name, text }) => {
    const type = ECHOED.get(name);
    return type === undefined || text === undefined ? [] : [{ name, [type]: valueOf(type, text) }];
  });
  return language === undefined ? texts : [...texts, { name: 'displayLanguage', valueCode: language }];
}

function valueOf(type: string, text: string): unknown {
  if (type === 'valueBoolean') return text === 'true';
  return type === 'valueInteger' ? Number(text) : text;
}
