import type { AccessPolicyResource } from '@medplum/fhirtypes';
import type { AccessInteraction } from '../../../src/access/access.ts';
import type { Variables, VariableValue } from '../../../src/access/grants.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { escapeValue } from '../../../src/fhir/search/split.ts';
import type { Random } from '../../oracle/data/random.ts';
import {
  FAMILIES,
  NUMBERS,
  ORGANIZATIONS,
  PARAMETERS,
  PATIENTS,
  PRACTITIONERS,
  STATUSES,
  SYSTEM,
  TYPES,
  YEARS,
  type Type,
} from './world.ts';

export const INTERACTIONS: readonly AccessInteraction[] = [
  'create',
  'read',
  'vread',
  'history',
  'update',
  'delete',
  'search',
];

/** One value of a parameter: a text as it is, or a variable. */
export interface Value {
  system?: string;
  prefix?: 'ge' | 'lt' | '';
  text: string;
  variable?: string;
}

export interface Clause {
  code: string;
  modifier?: 'not' | 'missing' | 'exact';
  values: Value[];
}

export interface RandomRule {
  type: Type | '*' | 'User';
  interactions?: AccessInteraction[];
  readonly: boolean;
  clauses: Clause[];
  compartment?: string;
  hidden: string[];
  constraints: Constraint[];
  /** Something in it that cannot be used. */
  isBroken: boolean;
}

export interface Constraint {
  expression: string;
  holds(before: Resource | undefined, after: Resource): boolean;
}

export const CONSTRAINTS: readonly Constraint[] = [
  { expression: "status = 'final'", holds: (_, after) => after['status'] === 'final' },
  { expression: '%before.exists()', holds: (before) => before !== undefined },
  { expression: '%before.id = %after.id', holds: (before, after) => before?.id === after.id },
  { expression: '%after.meta.tag.empty()', holds: (_, after) => after.meta === undefined },
];

/** Fields that may be hidden: as a policy names them, and what they are in JSON. */
export const FIELDS: Readonly<Partial<Record<Type, Readonly<Record<string, string>>>>> = {
  Patient: { birthDate: 'birthDate', name: 'name', gender: 'gender' },
  Observation: { 'effective[x]': 'effectiveDateTime', code: 'code', performer: 'performer' },
};

/** Values of variables; one that is never set is not among them. */
export function randomVariables(random: Random): Variables {
  const reference = (all: readonly string[], count = 1): VariableValue[] =>
    random.sample(all, count).map((one) => ({ reference: one }));
  const all: [string, VariableValue[]][] = [
    ['profile', reference(PRACTITIONERS)],
    ['patient', reference(PATIENTS)],
    ['organization', reference(ORGANIZATIONS, random.below(3))],
    ['number', random.sample(NUMBERS, random.below(3)).map((text) => ({ text }))],
  ];
  return new Map(all.filter(() => random.chance(0.85)));
}

export function randomRule(random: Random): RandomRule {
  const type = random.weighted<RandomRule['type']>([
    [2, '*'],
    [1, 'User'],
    ...TYPES.map((one): [number, Type] => [3, one]),
  ]);
  const known =
    type === '*' || type === 'User'
      ? ['_tag', '_id', 'status', 'patient', 'active']
      : [...Object.keys(PARAMETERS[type]), '_id'];
  const fields = Object.keys((type !== '*' && type !== 'User' && FIELDS[type]) || {});
  return {
    type,
    ...(random.chance(0.5) ? { interactions: random.sample(INTERACTIONS, 1 + random.below(6)) } : {}),
    readonly: random.chance(0.2),
    clauses:
      type === 'User'
        ? []
        : random.sample(known, random.below(3)).map((code) => randomClause(random, type, code)),
    ...(random.chance(0.15) ? { compartment: random.pick([...PATIENTS, '%patient', '%nobody']) } : {}),
    hidden: random.chance(0.5) ? random.sample(fields, random.below(3)) : [],
    constraints: random.chance(0.3) ? random.sample(CONSTRAINTS, 1 + random.below(2)) : [],
    isBroken: random.chance(0.08),
  };
}

function randomClause(random: Random, type: Type | '*' | 'User', code: string): Clause {
  const kind = code === '_id' ? 'id' : kindOf(type, code);
  if (random.chance(0.12) && kind !== 'id') {
    return { code, modifier: 'missing', values: [{ text: random.pick(['true', 'false']) }] };
  }
  const values = Array.from({ length: 1 + random.below(2) }, () => randomValue(random, code, kind));
  const mayNegate = kind === 'token';
  return { code, ...(mayNegate && random.chance(0.2) ? { modifier: 'not' as const } : {}), values };
}

function kindOf(type: Type | '*' | 'User', code: string): string {
  if (type !== '*' && type !== 'User') return PARAMETERS[type][code]!.kind;
  return code === 'patient' ? 'reference' : 'token';
}

function randomValue(random: Random, code: string, kind: string): Value {
  const variable = (name: string, share: number) =>
    random.chance(share) ? { variable: random.chance(0.1) ? 'nobody' : name } : {};
  switch (kind) {
    case 'id':
      return random.chance(0.3)
        ? { text: '', variable: 'patient.id' }
        : { text: random.pick(['a', 'b', 'c']) };
    case 'date':
      return { text: random.pick(YEARS), prefix: random.pick(['ge', 'lt', '']) };
    case 'string':
      return { text: random.pick([...FAMILIES, 'b', 'BERGM']) };
    case 'reference': {
      if (code === 'organization')
        return { text: random.pick(ORGANIZATIONS), ...variable('organization', 0.6) };
      if (code === 'patient') return { text: random.pick(PATIENTS), ...variable('patient', 0.6) };
      if (code === 'subject')
        return { text: random.pick([...PATIENTS, 'Group/a']), ...variable('patient', 0.4) };
      return { text: random.pick(PRACTITIONERS), ...variable('profile', 0.6) };
    }
    default:
      return tokenValue(random, code, variable);
  }
}

function tokenValue(
  random: Random,
  code: string,
  variable: (name: string, share: number) => { variable?: string },
): Value {
  const system = random.chance(0.5) ? { system: SYSTEM } : {};
  if (code === 'identifier') return { text: random.pick(NUMBERS), ...system, ...variable('number', 0.6) };
  if (code === '_tag' || code === 'code') return { text: random.pick(['x', 'y']), ...system };
  if (code === 'gender') return { text: random.pick(['male', 'female']) };
  return { text: random.pick(code === 'active' ? ['true', 'false'] : STATUSES) };
}

/** The rule as an entry of an AccessPolicy. */
export function rendered(rule: RandomRule, random: Random): AccessPolicyResource {
  const { type, interactions, readonly, clauses, compartment, hidden, constraints, isBroken } = rule;
  const pairs = clauses.map(({ code, modifier, values }) => {
    const name = modifier ? `${code}:${modifier}` : code;
    return `${name}=${values.map(renderedValue).join(',')}`;
  });
  const query = isBroken ? [...pairs, random.pick(['colour=red', '_count=1', 'status'])] : pairs;
  return {
    resourceType: type,
    ...(interactions ? { interaction: interactions } : {}),
    ...(readonly ? { readonly } : {}),
    ...(query.length > 0 ? { criteria: `${type}?${query.join('&')}` } : {}),
    ...(compartment === undefined ? {} : { compartment: { reference: compartment } }),
    ...(hidden.length > 0 ? { hiddenFields: hidden } : {}),
    ...(constraints.length > 0
      ? { writeConstraint: constraints.map(({ expression }) => ({ language: 'text/fhirpath', expression })) }
      : {}),
  };
}

function renderedValue({ system, prefix = '', text, variable }: Value): string {
  const value = variable === undefined ? encodeURIComponent(escapeValue(text)) : `%${variable}`;
  return `${system === undefined ? '' : `${system}|`}${prefix}${value}`;
}
