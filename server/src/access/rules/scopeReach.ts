import { isId } from '../../fhir/id.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { parseQuery } from '../../fhir/search/queryString.ts';
import { parseResourceScope, resourceScopeFault, type ResourceScope } from '../../fhir/smart/scope.ts';
import type { AccessInteraction, Reach } from '../access.ts';
import type { AccessContext } from '../context.ts';
import { readCriteria } from '../criteria/criteria.ts';
import { PolicyFault, noting, type Fault } from '../faults.ts';
import type { Grants } from '../grants.ts';
import { allOf, anyOf } from '../reach.ts';
import { ofPatient } from './compileRule.ts';

/** What SMART scopes leave of a type for an interaction. */
export type ScopeReach = (type: string, interaction: AccessInteraction) => Reach;

/**
 * Types that an app in a patient's context may read although they belong to no patient: who treats, where, and with what
 * (the US Core profiles ask for them by `patient/` scopes). The policy decides which of them.
 */
const SHARED_TYPES: ReadonlySet<string> = new Set([
  'Endpoint',
  'HealthcareService',
  'Location',
  'Medication',
  'Organization',
  'Practitioner',
  'PractitionerRole',
]);
const READING: ReadonlySet<AccessInteraction> = new Set(['read', 'vread', 'history', 'search']);

/**
 * Compiles the scopes of a token. One that is malformed, of another kind of caller, without the launch patient that it
 * needs, or whose query the type cannot be searched by allows nothing.
 */
export function scopeReach(context: AccessContext, grants: Grants, faults: Fault[]): ScopeReach {
  if (!grants.scopes) return () => true;
  const scopes = grants.scopes.flatMap((text) => {
    const fault = resourceScopeFault(text);
    if (fault !== undefined) faults.push({ expression: text, text: fault });
    const scope = parseResourceScope(text);
    return scope && isOfCaller(scope, grants) ? [scope] : [];
  });
  return (type, interaction) => {
    const letter = letterOf(interaction);
    return anyOf(
      scopes
        .filter((scope) => scope.interactions.has(letter) && (scope.type === '*' || scope.type === type))
        .map((scope) => noting([], '', () => reachOf(context, scope, type, interaction, grants)) ?? false),
    );
  };
}

/** What is left to an interaction on a Binary of what stands for its security; undefined: nothing. */
export type ContextScopeReach = (interaction: AccessInteraction) => ScopeReach | undefined;

/**
 * What scopes leave of resources that stand for the security of a Binary, for an interaction on that Binary: those of the scopes that
 * name Binary, within the launch patient's compartment where they are of the `patient/` kind. Undefined: none names it. A scope
 * that limits Binaries by a query says nothing about what they name.
 */
export function contextScopeReach(context: AccessContext, grants: Grants): ContextScopeReach {
  if (!grants.scopes) return () => () => true;
  const scopes = grants.scopes.flatMap((text) => {
    const scope = parseResourceScope(text);
    const isNaming = scope?.query === undefined && (scope?.type === '*' || scope?.type === 'Binary');
    return scope && isNaming && isOfCaller(scope, grants) ? [scope] : [];
  });
  return (interaction) => {
    const naming = scopes.filter((scope) => scope.interactions.has(letterOf(interaction)));
    if (naming.length === 0) return undefined;
    return (type) =>
      anyOf(
        naming.map((scope) => noting([], '', () => reachOf(context, scope, type, 'read', grants)) ?? false),
      );
  };
}

const letterOf = (interaction: AccessInteraction) =>
  interaction === 'vread' || interaction === 'history' ? 'read' : interaction;

const isOfCaller = ({ context }: ResourceScope, { isUser, launchPatient }: Grants): boolean =>
  context === 'patient'
    ? launchPatient !== undefined && isId(launchPatient)
    : isUser === (context === 'user');

/** @throws PolicyFault */
function reachOf(
  context: AccessContext,
  scope: ResourceScope,
  type: string,
  interaction: AccessInteraction,
  { launchPatient }: Grants,
): Reach {
  const own = scope.context === 'patient' ? patientReach(context, type, interaction, launchPatient!) : true;
  if (own === false || scope.query === undefined) return own;
  const pairs = queryPairs(scope.query).map(([name, value]) => ({ name, value, isFilled: false }));
  return allOf([own, readCriteria(context, type, pairs)]);
}

function patientReach(
  context: AccessContext,
  type: string,
  interaction: AccessInteraction,
  patient: string,
): Reach {
  const { definitions } = context;
  if (definitions.compartment('Patient')!.resource.has(type)) return ofPatient(context, type, patient);
  // What names its patient without being in the compartment, as a Device or a Task does.
  if (definitions.searchParameter(type, 'patient')?.type === 'reference') {
    return readCriteria(context, type, [{ name: 'patient', value: `Patient/${patient}`, isFilled: true }]);
  }
  return SHARED_TYPES.has(type) && READING.has(interaction);
}

function queryPairs(query: string): [string, string][] {
  try {
    return parseQuery(query);
  } catch (error) {
    if (error instanceof FhirError) throw new PolicyFault(error.message);
    throw error;
  }
}
