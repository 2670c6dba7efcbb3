import { loadProfiles, loadRoles } from '@maxray/fhir-profiles';
import type { SearchParameter } from '@medplum/fhirtypes';
import type { Access, AccessInteraction } from '../../../src/access/access.ts';
import type { AccessContext } from '../../../src/access/context.ts';
import { createAccess } from '../../../src/access/createAccess.ts';
import { callerVariables, type Variables } from '../../../src/access/grants.ts';
import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import type { Condition } from '../../../src/fhir/search/ast.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { contextOf } from '../support.ts';

/** What the shipped roles are compiled with: R4's search parameters and MaxRay's own. */
export async function openRoles(): Promise<AccessContext> {
  const r4 = await r4Definitions();
  const own = loadProfiles().filter((one) => one.resourceType === 'SearchParameter');
  return contextOf(withParameters(r4, own.map(definitionOf)));
}

function definitionOf({
  url,
  code,
  type,
  base,
  expression,
  target,
}: SearchParameter): SearchParameterDefinition {
  return {
    url: url!,
    code: code!,
    type: type as SearchParameterDefinition['type'],
    base: [...base!],
    expression: expression!,
    ...(target ? { target: [...target] } : {}),
  };
}

function withParameters(r4: Definitions, added: readonly SearchParameterDefinition[]): Definitions {
  const lists = new Map<string, readonly SearchParameterDefinition[]>();
  const ofType = (type: string) => added.filter(({ base }) => base.includes(type));
  const searchParameters = (type: string) => {
    let list = lists.get(type);
    if (!list) lists.set(type, (list = [...r4.searchParameters(type), ...ofType(type)]));
    return list;
  };
  return {
    ...r4,
    searchParameters,
    searchParameter: (type, code) => searchParameters(type).find((one) => one.code === code),
  };
}

export interface Person {
  profile: string;
  organizations?: string[];
  patient?: string;
  parameters?: Variables;
  scopes?: string[];
  launchPatient?: string;
}

/** Access of somebody in a role. */
export function inRole(context: AccessContext, code: string, person: Person): Access {
  const { policy } = loadRoles().find(({ role }) => role === code)!;
  const { parameters = new Map(), scopes, launchPatient } = person;
  return createAccess(context, {
    administrator: false,
    isUser: true,
    policies: [{ policy, parameters }],
    variables: callerVariables(person),
    ...(scopes ? { scopes } : {}),
    ...(launchPatient === undefined ? {} : { launchPatient }),
  });
}

export const ALL: AccessInteraction[] = ['search', 'read', 'vread', 'history', 'create', 'update', 'delete'];
export const WRITING: AccessInteraction[] = ['create', 'update', 'delete'];
export const about = (id: string) => ({ reference: `Patient/${id}` });
export const made = (resourceType: string, more: Record<string, unknown>): Resource => ({
  resourceType,
  id: 'x',
  ...more,
});

export const ADA: Person = { profile: 'Patient/ada' };
export const DOCTOR: Person = { profile: 'Practitioner/okafor', organizations: ['Organization/clinic'] };
export const NURSE: Person = { profile: 'Practitioner/nurse', organizations: ['Organization/clinic'] };
export const PARAMEDIC: Person = {
  profile: 'Practitioner/ramirez',
  parameters: new Map([['vehicle', [{ reference: 'Location/ambulance-1' }]]]),
};
export const PHARMACIST: Person = {
  profile: 'Practitioner/nguyen',
  organizations: ['Organization/pharmacy'],
};
export const LABORATORY: Person = { profile: 'Practitioner/lab', organizations: ['Organization/laboratory'] };
export const INSURER: Person = { profile: 'Practitioner/agent', organizations: ['Organization/saguaro'] };

/** Whether a role may; undefined: it takes the database. */
export const may = (access: Access, interaction: AccessInteraction, resource: Resource) =>
  access.allows(resource.resourceType, interaction, resource);

/** The references and `_has` that a condition goes through, as in a query. */
export function ways(reach: Condition | boolean): string[] {
  if (typeof reach === 'boolean') return [String(reach)];
  switch (reach.kind) {
    case 'and':
    case 'or':
      return reach.conditions.flatMap(ways);
    case 'chain':
      return reach.targets.flatMap((target) =>
        ways(target.condition).map((way) => `${reach.parameter.code}.${way}`),
      );
    case 'has':
      return ways(reach.condition).map((way) => `_has:${reach.type}:${reach.parameter.code}:${way}`);
    case 'reference':
      return reach.references.map(({ value }) => `${reach.parameter.code}=${value}`);
    default:
      return [reach.kind];
  }
}
