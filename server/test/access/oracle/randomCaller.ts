import type { Grants, Variables } from '../../../src/access/grants.ts';
import { createRandom, type Random } from '../../oracle/data/random.ts';
import { policy } from '../support.ts';
import { ruleAllows, scopeAllows, type Question, type RandomScope } from './judge.ts';
import { randomRule, randomVariables, rendered, type RandomRule } from './policies.ts';

/** A caller as it is judged, and as it is compiled. */
export interface RandomCaller {
  random: Random;
  rules: RandomRule[];
  variables: Variables;
  scopes: RandomScope[] | undefined;
  grants: Grants;
}

export function randomCaller(seed: number): RandomCaller {
  const random = createRandom(`access ${seed}`);
  const variables = randomVariables(random);
  const policies = Array.from({ length: random.below(4) }, () =>
    Array.from({ length: random.below(6) }, () => randomRule(random)),
  );
  const scopes = random.chance(0.5)
    ? Array.from({ length: random.below(4) }, () => randomScope(random))
    : undefined;
  const grants: Grants = {
    administrator: random.chance(0.2),
    isUser: random.chance(0.7),
    variables,
    policies: policies.map((rules) => ({
      policy: policy(...rules.map((rule) => rendered(rule, random))),
      parameters: new Map(),
    })),
    ...(scopes ? { scopes: scopes.map(scopeText) } : {}),
    ...(random.chance(0.7) ? { launchPatient: random.pick(['a', 'b']) } : {}),
  };
  return { random, rules: policies.flat(), variables, scopes, grants };
}

function randomScope(random: Random): RandomScope {
  const type = random.pick(['*', 'Patient', 'Observation', 'Appointment', 'Organization'] as const);
  const status = { code: 'status', values: [{ text: random.pick(['final', 'booked']) }] };
  return {
    context: random.pick(['patient', 'user', 'system', 'user']),
    type,
    letters: random.pick(['r', 'rs', 'cruds', 'cud', 's']),
    ...((type === 'Observation' || type === '*') && random.chance(0.4) ? { clause: status } : {}),
  };
}

const scopeText = ({ context: of, type, letters, clause }: RandomScope) =>
  `${of}/${type}.${letters}${clause ? `?${clause.code}=${clause.values[0]!.text}` : ''}`;

/** What the policies and scopes of a caller mean. */
export function isAllowed({ rules, variables, scopes, grants }: RandomCaller, question: Question): boolean {
  if (!rules.some((rule) => ruleAllows(rule, variables, question))) return false;
  return scopes?.some((scope) => scopeAllows(scope, grants, question)) ?? true;
}
