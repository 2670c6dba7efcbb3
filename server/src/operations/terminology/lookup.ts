import type { JsonObject } from '../../fhir/resource.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import type { Coding, TerminologyRecords } from '../../records/terminology.ts';
import type { Operation, OperationRequest } from '../operation.ts';
import { answering, codingOf, contextOf, languagesOf, missing, parametersResource } from './context.ts';

/** `CodeSystem/$lookup` (http://hl7.org/fhir/R4/codesystem-operation-lookup.html). */
export function lookupOperation(terminology: TerminologyRecords): Operation {
  return {
    name: 'lookup',
    definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup',
    levels: ['type'],
    types: ['CodeSystem'],
    affectsState: false,
    run: (request) => answering(async () => parametersResource(await look(terminology, request))),
  };
}

async function look(terminology: TerminologyRecords, request: OperationRequest): Promise<JsonObject[]> {
  const { caller, parameters } = request;
  const context = contextOf(parameters);
  const languages = languagesOf(request);
  const wanted = {
    coding: asked(request),
    properties: parameters.texts('property'),
    supplements: context.supplements ?? [],
    ...(languages && { languages }),
  };
  return terminology.lookup(caller, wanted, context);
}

/** `coding`, or `code` with `system` and perhaps `version`. @throws FhirError `incorrect` */
function asked({ parameters }: OperationRequest): Coding {
  const [coding] = parameters.named('coding');
  if (coding) return codingOf(coding);
  const [code, system] = [parameters.text('code'), parameters.text('system')];
  if (code === undefined || system === undefined)
    throw missing('lookup', 'code', "'code' and 'system', or a 'coding'");
  const { url, version = parameters.text('version') } = parseCanonical(system);
  return { code, system: url, ...(version !== undefined && { version }) };
}
