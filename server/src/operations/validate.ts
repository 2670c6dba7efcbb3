import type { Definitions } from '../fhir/definitions/types.ts';
import { wholeNumberFaults } from '../fhir/json/wholeNumbers.ts';
import { errorIssue, fhirError, operationOutcome, type Issue } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Records } from '../records/records.ts';
import type { Operation, OperationRequest } from './operation.ts';
import { acceptOnly } from './values.ts';
import { parameterFault } from './parameterFault.ts';

/** Most profiles that one call may name. */
export const VALIDATE_PROFILES_MAX = 20;

const MODES = ['create', 'update', 'delete', 'profile'] as const;
type Mode = (typeof MODES)[number];

/**
 * `$validate`: what is wrong with a resource, or with what is stored (http://hl7.org/fhir/R4/resource-operation-validate.html).
 * The answer is an OperationOutcome with status 200, whatever it says; warnings and remarks are in it.
 */
export function validateOperation(records: Records, definitions: Definitions): Operation {
  return {
    name: 'validate',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
    levels: ['type', 'instance'],
    affectsState: false,
    takesAnyResource: true,
    run: async (request) => {
      acceptOnly(request.parameters, 'validate', ['resource', 'mode', 'profile']);
      const issues = await found(records, definitions, request);
      const all = issues.length > 0 ? issues : [NO_ISSUES];
      return { kind: 'resource', body: JSON.stringify(operationOutcome(all)) };
    },
  };
}

const NO_ISSUES: Issue = {
  severity: 'information',
  code: 'informational',
  diagnostics: 'No issues were found.',
};

async function found(
  records: Records,
  definitions: Definitions,
  request: OperationRequest,
): Promise<Issue[]> {
  const { caller, parameters, id } = request;
  const type = request.type!;
  const mode = modeOf(request);
  const profiles = profilesOf(request);
  if (mode === 'delete') {
    await records.read(caller, type, requiredId(mode, id));
    return [{ ...NO_ISSUES, diagnostics: 'Nothing is in the way of deleting the resource.' }];
  }
  if (mode === 'profile' && profiles.length === 0) {
    throw parameterFault('required', 'profile', "mode=profile needs the parameter 'profile'.");
  }
  const [sent, ...more] = parameters.named('resource');
  if (more.length > 0) throw parameterFault('invalid', 'resource', "'resource' may be given only once.");
  const stored = sent === undefined || mode === 'profile';
  const content: unknown = stored
    ? JSON.parse((await records.read(caller, type, requiredId(mode, id))).content)
    : sent.resource?.value;
  if (content === undefined) throw parameterFault('value', 'resource', "'resource' must hold a resource.");
  // What is no object lacks a type as well, which is what it is told.
  const resource = (typeof content === 'object' && content !== null ? content : {}) as Resource;
  const issues = await records.validate(resource, { profiles, thorough: true });
  const identity = identityIssues(definitions, resource, type, mode, id);
  const numbers = stored ? [] : wholeNumberFaults(definitions, sent.resource!);
  return [...identity, ...numbers, ...issues];
}

/** What is wrong with the type and id, as the interaction of the mode would say. */
function identityIssues(
  definitions: Definitions,
  resource: Resource,
  type: string,
  mode: Mode | undefined,
  id: string | undefined,
): Issue[] {
  const { resourceType } = resource;
  if (resourceType !== type && definitions.isResourceType(resourceType)) {
    const text = `The resource is a ${resourceType}, but the URL is that of a ${type}: send it to ${resourceType}/$validate.`;
    return [errorIssue('invalid', text, resourceType)];
  }
  if (id === undefined || mode === 'create' || resource.id === id) return [];
  return [errorIssue('invalid', 'The id must be there and equal the id in the URL.', `${type}.id`)];
}

function modeOf({ parameters }: OperationRequest): Mode | undefined {
  const text = parameters.text('mode');
  if (text === undefined) return undefined;
  const mode = MODES.find((known) => known === text);
  if (mode === undefined) throw parameterFault('value', 'mode', `mode must be one of ${MODES.join(', ')}.`);
  return mode;
}

function profilesOf({ parameters }: OperationRequest): string[] {
  const profiles = parameters.texts('profile');
  if (profiles.length <= VALIDATE_PROFILES_MAX) return profiles;
  throw parameterFault('too-costly', 'profile', `At most ${VALIDATE_PROFILES_MAX} profiles may be named.`);
}

/** @throws FhirError `incorrect` where neither the body nor the URL says what to look at */
function requiredId(mode: Mode | undefined, id: string | undefined): string {
  if (id !== undefined) return id;
  const text =
    mode === undefined || mode === 'create' || mode === 'update'
      ? 'Send the resource in the body, or name a stored one in the URL: Type/id/$validate.'
      : `mode=${mode} is about a stored resource: name it in the URL, Type/id/$validate.`;
  throw fhirError('incorrect', 'required', text);
}
