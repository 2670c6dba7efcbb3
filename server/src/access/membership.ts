import type { AccessPolicy, ProjectMembership, ProjectMembershipAccessParameter } from '@medplum/fhirtypes';
import type { Fault } from './faults.ts';
import type { AssignedPolicy, VariableValue, Variables } from './grants.ts';
import { policyParameters } from './rules/policyFaults.ts';

/** What a membership assigns. */
export interface Assigned {
  administrator: boolean;
  policies: AssignedPolicy[];
  /** References of all policies that were asked for, also of those that are not there: a change of one changes the access. */
  references: string[];
  /** What of the membership allows nothing. */
  faults: Fault[];
}

/** Most policies of one membership, with those that they are based on. */
export const POLICIES_MAX = 100;

/**
 * The policies that a membership assigns, and those that they are based on, with the parameters. A membership that is not active
 * assigns none.
 *
 * @param load undefined where there is no such policy
 */
export async function assignedPolicies(
  membership: ProjectMembership,
  load: (reference: string) => Promise<AccessPolicy | undefined>,
): Promise<Assigned> {
  const assigned: Assigned = { administrator: false, policies: [], references: [], faults: [] };
  if (membership.active === false) return assigned;
  assigned.administrator = membership.admin === true;
  await addPolicy(assigned, load, 'ProjectMembership.accessPolicy', membership.accessPolicy, new Map());
  for (const [i, { policy, parameter = [] }] of (membership.access ?? []).entries()) {
    const parameters = variablesOf(parameter);
    await addPolicy(assigned, load, `ProjectMembership.access[${i}]`, policy, parameters);
  }
  return assigned;
}

/** Adds a policy and what it is based on, each once. */
async function addPolicy(
  assigned: Assigned,
  load: (reference: string) => Promise<AccessPolicy | undefined>,
  expression: string,
  first: { reference?: string } | undefined,
  parameters: Variables,
): Promise<void> {
  if (!first) return;
  const seen = new Set<string>();
  const waiting = [first.reference];
  const fault = (text: string) => assigned.faults.push({ expression, text });
  while (waiting.length > 0) {
    const reference = waiting.shift();
    if (reference === undefined || seen.has(reference)) continue;
    seen.add(reference);
    if (assigned.policies.length === POLICIES_MAX) {
      fault(`The membership comes to more than ${POLICIES_MAX} policies: the others allow nothing.`);
      return;
    }
    assigned.references.push(reference);
    const policy = await load(reference);
    if (!policy) {
      fault(`There is no policy ${reference}: it allows nothing.`);
      continue;
    }
    const missing = policyParameters(policy).filter((name) => !parameters.has(name));
    if (missing.length > 0) {
      fault(
        `${reference} needs parameters that are not given, so what uses them allows nothing: ${missing.join(', ')}.`,
      );
    }
    assigned.policies.push({ policy, parameters });
    waiting.push(...(policy.basedOn ?? []).map((one) => one.reference));
  }
}

/** A parameter that stands several times has several values. */
function variablesOf(parameters: readonly ProjectMembershipAccessParameter[]): Variables {
  const variables = new Map<string, VariableValue[]>();
  for (const { name, valueString, valueReference } of parameters) {
    const values = variables.get(name) ?? [];
    variables.set(name, values);
    if (valueReference?.reference !== undefined) values.push({ reference: valueReference.reference });
    else if (valueString !== undefined) values.push({ text: valueString });
  }
  return variables;
}
