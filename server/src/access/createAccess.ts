import type { Access } from './access.ts';
import { CompiledAccess } from './compiledAccess.ts';
import type { AccessContext } from './context.ts';
import type { Fault } from './faults.ts';
import type { Grants } from './grants.ts';
import { RULES_MAX, compilePolicy } from './rules/compilePolicy.ts';
import type { RuleSource } from './rules/rule.ts';
import { contextScopeReach, scopeReach } from './rules/scopeReach.ts';
import { administration, emergency } from './rules/wholeRules.ts';

/** Compiles what one caller may do: once for the same grants, then it is asked any number of times. */
export function createAccess(context: AccessContext, grants: Grants): Access {
  const faults: Fault[] = [];
  const sources: RuleSource[] = [];
  for (const { policy, parameters } of grants.policies) {
    const variables = new Map([...grants.variables, ...parameters]);
    sources.push(...compilePolicy(context, policy, variables, grants.administrator, faults));
  }
  if (sources.length > RULES_MAX) {
    const text = `The policies come to more than ${RULES_MAX} entries: those after it allow nothing.`;
    faults.push({ expression: 'AccessPolicy', text });
    sources.length = RULES_MAX;
  }
  if (grants.administrator) sources.push(administration(context));
  if (grants.emergencies?.length) sources.push(emergency(context, grants.emergencies));
  const scopes = scopeReach(context, grants, faults);
  return new CompiledAccess(
    context,
    sources,
    { scopes, ofContexts: contextScopeReach(context, grants) },
    faults,
  );
}
