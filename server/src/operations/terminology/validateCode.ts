import type { JsonObject } from '../../fhir/resource.ts';
import type {
  Coding,
  QuestionContext,
  TerminologyRecords,
  ValidateCodeRequest,
} from '../../records/terminology.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import type { Operation, OperationRequest } from '../operation.ts';
import type { OperationParameters } from '../parameters.ts';
import { boolean } from '../values.ts';
import {
  answering,
  codingOf,
  codingsOf,
  contextOf,
  isObject,
  languagesOf,
  missing,
  parametersResource,
} from './context.ts';
import { chosenValueSet } from './valueSetChoice.ts';

const NAME = 'validate-code';

/** `ValueSet/$validate-code` (http://hl7.org/fhir/R4/valueset-operation-validate-code.html). */
export function valueSetValidateCode(terminology: TerminologyRecords): Operation {
  return {
    name: NAME,
    definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code',
    levels: ['type', 'instance'],
    types: ['ValueSet'],
    affectsState: false,
    run: (request) => answering(async () => parametersResource(await inValueSet(terminology, request))),
  };
}

/** `CodeSystem/$validate-code` (http://hl7.org/fhir/R4/codesystem-operation-validate-code.html). */
export function codeSystemValidateCode(terminology: TerminologyRecords): Operation {
  return {
    name: NAME,
    definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code',
    levels: ['type', 'instance'],
    types: ['CodeSystem'],
    affectsState: false,
    run: (request) => answering(async () => parametersResource(await inCodeSystem(terminology, request))),
  };
}

/** The answer's parameters. @throws FhirError `incorrect` when something is missing */
export async function inValueSet(
  terminology: TerminologyRecords,
  request: OperationRequest,
): Promise<JsonObject[]> {
  const context = contextOf(request.parameters);
  const resource = await chosenValueSet(terminology, request, context);
  if (!resource) throw missing(NAME, 'url', "a value set: its 'url', or the resource as 'valueSet'");
  const asked = question(request, request.parameters.text('system'), 'systemVersion');
  return terminology.validateCode(request.caller, { resource }, withRules(asked, request, resource), context);
}

async function inCodeSystem(
  terminology: TerminologyRecords,
  request: OperationRequest,
): Promise<JsonObject[]> {
  const { caller, id, parameters } = request;
  const context = contextOf(parameters);
  const sent = parameters.named('codeSystem').find(({ resource }) => resource)?.resource?.value;
  const resource = id === undefined ? sent : await terminology.resource(caller, 'CodeSystem', id);
  const { url, version } = parseCanonical(
    (resource?.url as string | undefined) ?? parameters.text('url') ?? parameters.text('system') ?? '',
  );
  const asked = question(request, url === '' ? undefined : url, 'version');
  const codings = asked.codings.map((coding) => ({
    ...(version !== undefined && { version }),
    ...coding,
  }));
  const wider: QuestionContext = resource
    ? { ...context, resources: [...(context.resources ?? []), resource] }
    : context;
  const rules = withRules({ ...asked, codings }, request);
  return terminology.validateCode(
    caller,
    undefined,
    { ...rules, ...(asked.kind !== 'code' && url !== '' && { codeSystem: url }) },
    wider,
  );
}

type Question = Pick<ValidateCodeRequest, 'kind' | 'codings' | 'codeableConcept' | 'inferSystem'>;

/** What is asked about: `code` with `system`, `coding` or `codeableConcept`; exactly one. */
function question(
  { parameters }: OperationRequest,
  system: string | undefined,
  versionName: string,
): Question {
  const [concept] = parameters.named('codeableConcept');
  if (concept) {
    const codings = codingsOf(concept.value, 'codeableConcept');
    const codeableConcept = concept.exact as JsonObject;
    return { kind: 'codeableConcept', codings, inferSystem: false, codeableConcept };
  }
  const [coding] = parameters.named('coding');
  if (coding) return { kind: 'coding', codings: [codingOf(coding)], inferSystem: false };
  return {
    kind: 'code',
    codings: [ofTexts(parameters, system, versionName)],
    inferSystem: system === undefined,
  };
}

function ofTexts(parameters: OperationParameters, system: string | undefined, versionName: string): Coding {
  const code = parameters.text('code');
  if (code === undefined)
    throw missing(NAME, 'code', "a 'code' with its 'system', a 'coding' or a 'codeableConcept'");
  const { url, version = parameters.text(versionName) } = parseCanonical(system ?? '');
  const display = parameters.text('display');
  return {
    code,
    ...(system !== undefined && { system: url }),
    ...(version !== undefined && { version }),
    ...(display !== undefined && { display }),
  };
}

function withRules(
  asked: Question,
  request: OperationRequest,
  valueSet?: JsonObject,
): Omit<ValidateCodeRequest, 'valueSet'> {
  const { parameters } = request;
  const languages = languagesOf(request, valueSet);
  const isTrue = (name: string) => boolean(parameters, name) === true;
  return {
    ...asked,
    ...(isObject(asked.codeableConcept) && { codeableConcept: asked.codeableConcept }),
    ...(languages && { languages }),
    lenientDisplay: isTrue('lenient-display-validation'),
    abstractAllowed: boolean(parameters, 'abstract') !== false,
    activeOnly: isTrue('activeOnly'),
    membershipOnly: isTrue('valueset-membership-only'),
  };
}
