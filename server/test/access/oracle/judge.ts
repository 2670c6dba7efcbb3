import type { AccessInteraction } from '../../../src/access/access.ts';
import type { Variables } from '../../../src/access/grants.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import type { Clause, RandomRule, Value } from './policies.ts';
import { COMPARTMENT, PARAMETERS, type Token, type Type } from './world.ts';

/*
 * What policies mean, said as plainly as possible: the judge of what is compiled. It knows the policies before they are written
 * as FHIR, so that it shares nothing with the code that reads them.
 */

/** A SMART scope before it is written. */
export interface RandomScope {
  context: 'patient' | 'user' | 'system';
  type: Type | '*';
  letters: string;
  clause?: Clause;
}

export interface Question {
  type: Type;
  interaction: AccessInteraction;
  resource: Resource;
}

const READING: readonly AccessInteraction[] = ['read', 'vread', 'history', 'search'];
const LETTER: Readonly<Record<AccessInteraction, string>> = {
  create: 'c',
  read: 'r',
  vread: 'r',
  history: 'r',
  update: 'u',
  delete: 'd',
  search: 's',
};

export function ruleAllows(rule: RandomRule, variables: Variables, question: Question): boolean {
  const { type, interaction, resource } = question;
  if (rule.isBroken) return false;
  if (rule.type !== '*' && rule.type !== type) return false;
  if (rule.interactions && !rule.interactions.includes(interaction)) return false;
  if (rule.readonly && !READING.includes(interaction)) return false;
  if (!rule.clauses.every((clause) => clauseHolds(clause, variables, type, resource))) return false;
  return rule.compartment === undefined || isInCompartment(rule.compartment, variables, type, resource);
}

export function scopeAllows(
  scope: RandomScope,
  who: { isUser: boolean; launchPatient?: string },
  { type, interaction, resource }: Question,
): boolean {
  if (scope.type !== '*' && scope.type !== type) return false;
  if (!scope.letters.includes(LETTER[interaction])) return false;
  if (scope.clause && !clauseHolds(scope.clause, new Map(), type, resource)) return false;
  if (scope.context === 'user') return who.isUser;
  if (scope.context === 'system') return !who.isUser;
  if (who.launchPatient === undefined) return false;
  if (type === 'Organization') return READING.includes(interaction);
  return isInCompartment(`Patient/${who.launchPatient}`, new Map(), type, resource);
}

function clauseHolds(clause: Clause, variables: Variables, type: Type, resource: Resource): boolean {
  const wanted = clause.values.flatMap((value) => filled(value, variables));
  if (wanted.includes(undefined)) return false;
  const values = wanted as Value[];
  if (clause.code === '_id') return values.some(({ text }) => text === resource.id);
  const parameter = PARAMETERS[type][clause.code];
  if (!parameter) return false;
  if (clause.modifier === 'missing') return String(parameter.of(resource).length === 0) === values[0]!.text;
  const matches = values.some((value) =>
    parameter.of(resource).some((found: Token | string) => {
      if (typeof found !== 'string') {
        return found.code === value.text && (value.system === undefined || value.system === found.system);
      }
      switch (parameter.kind) {
        case 'string':
          return found.toLowerCase().startsWith(value.text.toLowerCase());
        case 'date':
          if (value.prefix === 'ge') return found.slice(0, 4) >= value.text;
          return value.prefix === 'lt' ? found.slice(0, 4) < value.text : found.slice(0, 4) === value.text;
        default:
          return found === value.text;
      }
    }),
  );
  return clause.modifier === 'not' ? !matches : matches;
}

/** Undefined: the variable is not set. */
function filled(value: Value, variables: Variables): (Value | undefined)[] {
  if (value.variable === undefined) return [value];
  const [name = '', id] = value.variable.split('.');
  const values = variables.get(name) ?? [];
  if (values.length === 0) return [undefined];
  return values.map((one) => {
    const text = 'reference' in one ? one.reference : one.text;
    return { ...value, text: id === undefined ? text : text.split('/')[1]! };
  });
}

function isInCompartment(reference: string, variables: Variables, type: Type, resource: Resource): boolean {
  const [value] = filled(
    reference.startsWith('%') ? { text: '', variable: reference.slice(1) } : { text: reference },
    variables,
  );
  const codes = COMPARTMENT[type];
  if (!value || !codes) return false;
  if (type === 'Patient') return `Patient/${resource.id}` === value.text;
  return codes.some((code) => (PARAMETERS[type][code]!.of(resource) as string[]).includes(value.text));
}
