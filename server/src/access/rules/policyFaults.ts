import type { AccessPolicy } from '@medplum/fhirtypes';
import type { AccessContext } from '../context.ts';
import { PolicyFault, noting, type Fault } from '../faults.ts';
import { CALLER_VARIABLES, type VariableValue, type Variables } from '../grants.ts';
import { EVERY_TYPE, compileRule, type WrittenRule } from './compileRule.ts';
import { readPolicy, requireType } from './compilePolicy.ts';

/** Types whose references a profile may be. */
const PROFILES = ['Practitioner', 'Patient', 'RelatedPerson', 'PractitionerRole', 'Device'];

/**
 * What is wrong with a policy, whoever it is assigned to: for when it is written. Faulty parts allow nothing, so a policy
 * with faults is too narrow, never too wide. Variables other than the caller's own are parameters, for which any value is tried.
 */
export function policyFaults(context: AccessContext, policy: AccessPolicy): Fault[] {
  const faults: Fault[] = [];
  for (const { expression, written } of readPolicy(policy, faults)) {
    noting(faults, expression, () => requireRule(context, written));
  }
  return faults;
}

/** Names of the parameters that a membership must give to the policy, alphabetical. */
export function policyParameters(policy: AccessPolicy): string[] {
  const names = readPolicy(policy, []).flatMap(({ written }) => [...variablesOf(written)]);
  return [...new Set(names)].filter((name) => !CALLER_VARIABLES.includes(name)).sort();
}

/** @throws PolicyFault where the entry makes a rule for nobody */
function requireRule(context: AccessContext, written: WrittenRule): void {
  const { resourceType } = written.entry;
  const { definitions } = context;
  if (resourceType !== EVERY_TYPE) requireType(context, resourceType, true);
  const types = resourceType === EVERY_TYPE ? definitions.resourceTypes : [resourceType];
  const names = variablesOf(written);
  let fault: PolicyFault | undefined;
  for (const type of types) {
    for (const variables of examples(context, names)) {
      try {
        compileRule(context, type, written, variables);
        return;
      } catch (error) {
        if (!(error instanceof PolicyFault)) throw error;
        fault = error;
      }
    }
  }
  throw fault ?? new PolicyFault('There is no type that the entry is about.');
}

function variablesOf({ template, within, createdIn }: WrittenRule): Set<string> {
  return new Set([template, within, createdIn].flatMap((one) => [...(one?.variables ?? [])]));
}

/** Values that variables might have, as different as a parameter can tell apart. */
function* examples(context: AccessContext, names: ReadonlySet<string>): Generator<Variables> {
  const reference = (type: string): VariableValue => ({ reference: `${type}/example` });
  const profiles = names.has('profile') ? PROFILES : PROFILES.slice(0, 1);
  const parameters = [...names].filter((name) => !CALLER_VARIABLES.includes(name));
  const values: VariableValue[] = [{ text: 'example' }];
  if (parameters.length > 0) values.push(...context.definitions.resourceTypes.map(reference));
  for (const profile of profiles) {
    for (const value of values) {
      yield new Map([
        ...parameters.map((name): [string, VariableValue[]] => [name, [value]]),
        ['patient', [reference('Patient')]],
        ['profile', [reference(profile)]],
        ['organization', [reference('Organization')]],
      ]);
    }
  }
}
