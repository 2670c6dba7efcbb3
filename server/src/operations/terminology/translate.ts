import type { JsonObject } from '../../fhir/resource.ts';
import type { Coding, Dependency, TerminologyRecords, TranslateRequest } from '../../records/terminology.ts';
import type { Operation, OperationRequest } from '../operation.ts';
import type { OperationParameter, OperationParameters } from '../parameters.ts';
import { boolean } from '../values.ts';
import {
  answering,
  asCoding,
  codingOf,
  codingsOf,
  contextOf,
  isObject,
  missing,
  parametersResource,
} from './context.ts';

/** `ConceptMap/$translate` (http://hl7.org/fhir/R4/conceptmap-operation-translate.html); R5's names are understood as well. */
export function translateOperation(terminology: TerminologyRecords): Operation {
  return {
    name: 'translate',
    definition: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-translate',
    levels: ['type', 'instance'],
    types: ['ConceptMap'],
    affectsState: false,
    run: (request) =>
      answering(async () => {
        const asked = await question(terminology, request);
        const context = contextOf(request.parameters);
        return parametersResource(await terminology.translate(request.caller, asked, context));
      }),
  };
}

async function question(
  terminology: TerminologyRecords,
  { caller, id, parameters }: OperationRequest,
): Promise<TranslateRequest> {
  const sent = parameters.named('conceptMap').find(({ resource }) => resource)?.resource?.value;
  const map: JsonObject | undefined =
    id === undefined ? sent : await terminology.resource(caller, 'ConceptMap', id);
  const url = parameters.text('url');
  const version = parameters.text('conceptMapVersion');
  const first = (...names: string[]) =>
    names.map((name) => parameters.text(name)).find((text) => text !== undefined);
  const source = first('source', 'sourceScope');
  const target = first('target', 'targetScope');
  const targetSystem = first('targetsystem', 'targetSystem');
  const codings = codingsAsked(parameters);
  const isBackwards = ['targetCode', 'targetCoding', 'targetCodeableConcept'].some(
    (name) => parameters.named(name).length > 0,
  );
  return {
    codings,
    ...(map && { map }),
    ...(url !== undefined && { url: version === undefined ? url : `${url}|${version}` }),
    ...(source !== undefined && { source }),
    ...(target !== undefined && { target }),
    ...(targetSystem !== undefined && { targetSystem }),
    reverse: boolean(parameters, 'reverse') === true || isBackwards,
    dependencies: parameters.named('dependency').map(dependencyOf),
  };
}

/** R5 calls the element an attribute, and its value may be of other types. */
function dependencyOf({ part = [] }: OperationParameter): Dependency {
  const element = part.find(({ name }) => name === 'element' || name === 'attribute')?.text;
  const concept = part.find(({ name }) => name === 'concept' || name === 'value');
  if (element === undefined || concept === undefined)
    throw missing('translate', 'dependency', "an 'element' and a 'concept' in each 'dependency'");
  const { value, text = '' } = concept;
  const codings = !isObject(value)
    ? [{ code: text }]
    : Array.isArray(value.coding)
      ? codingsOf(value, 'concept')
      : [asCoding(value)];
  return { element, codings };
}

function codingsAsked(parameters: OperationParameters): Coding[] {
  for (const name of ['coding', 'sourceCoding', 'targetCoding']) {
    const [coding] = parameters.named(name);
    if (coding) return [codingOf(coding)];
  }
  for (const name of ['codeableConcept', 'sourceCodeableConcept', 'targetCodeableConcept']) {
    const [concept] = parameters.named(name);
    if (concept) return codingsOf(concept.value, name);
  }
  const code = ['code', 'sourceCode', 'targetCode']
    .map((name) => parameters.text(name))
    .find((text) => text !== undefined);
  if (code === undefined)
    throw missing('translate', 'code', "a 'code' with its 'system', a 'coding' or a 'codeableConcept'");
  const [system, version] = [parameters.text('system'), parameters.text('version')];
  return [{ code, ...(system !== undefined && { system }), ...(version !== undefined && { version }) }];
}
