import type { AccessPolicy } from '@medplum/fhirtypes';
import type { AccessContext } from '../context.ts';
import { PolicyFault, noting, type Fault } from '../faults.ts';
import type { Variables } from '../grants.ts';
import { EVERY_TYPE, compileRule, readCompartment, readRule, type WrittenRule } from './compileRule.ts';
import type { Rule, RuleSource } from './rule.ts';

/** Most entries of one policy, and of all policies of a caller together. */
export const RULES_MAX = 1000;

/**
 * The rules of a policy for a caller. What is faulty makes no rule, so that it allows nothing; the fault is noted.
 *
 * @param administrator whether rules may be about the types that administer the server
 */
export function compilePolicy(
  context: AccessContext,
  policy: AccessPolicy,
  variables: Variables,
  administrator: boolean,
  faults: Fault[],
): RuleSource[] {
  return readPolicy(policy, faults).flatMap(({ expression, written }) => {
    const { resourceType } = written.entry;
    const compile = (type: string) => compileRule(context, type, written, variables);
    if (resourceType === EVERY_TYPE) return [everyType(context, compile, administrator)];
    const rule = noting(faults, expression, () => {
      requireType(context, resourceType, administrator);
      return compile(resourceType);
    });
    return rule ? [{ rule: (type: string) => (type === resourceType ? rule : undefined) }] : [];
  });
}

/** The entries of a policy, as far as they can be read without knowing whom it is for. */
export function readPolicy(
  policy: AccessPolicy,
  faults: Fault[],
): { expression: string; written: WrittenRule }[] {
  const entries = policy.resource ?? [];
  const known = noting(faults, 'AccessPolicy', () => {
    if (policy.ipAccessRule?.length) {
      throw new PolicyFault(
        'ipAccessRule is not supported, and what limits is not passed over: the policy allows nothing.',
      );
    }
    if (entries.length > RULES_MAX)
      throw new PolicyFault(`The policy has more than ${RULES_MAX} entries: split it.`);
    return { createdIn: policy.compartment && readCompartment(policy.compartment.reference) };
  });
  if (!known) return [];
  return entries.flatMap((entry, i) => {
    const expression = `AccessPolicy.resource[${i}]`;
    const written = noting(faults, expression, () => readRule(entry, known.createdIn));
    return written ? [{ expression, written }] : [];
  });
}

/** @throws PolicyFault */
export function requireType({ definitions }: AccessContext, type: string, administrator: boolean): void {
  if (!definitions.isResourceType(type)) {
    throw new PolicyFault('resourceType names no resource type of R4: name one, or * for all.');
  }
  if (definitions.isAdministrative(type) && !administrator) {
    throw new PolicyFault(`${type} is for administrators only: a policy opens it to nobody else.`);
  }
}

/** Of types to which its criteria cannot be put, it allows nothing. */
function everyType(
  { definitions }: AccessContext,
  compile: (type: string) => Rule,
  administrator: boolean,
): RuleSource {
  return {
    rule: (type) => {
      if (definitions.isAdministrative(type) && !administrator) return undefined;
      return noting([], '', () => compile(type));
    },
  };
}
