import type { AccessInteraction } from '../access.ts';
import type { AccessContext } from '../context.ts';
import { deciderOf } from '../decide.ts';
import { anyOf } from '../reach.ts';
import { ofPatient } from './compileRule.ts';
import type { Rule, RuleSource } from './rule.ts';

const READING: readonly AccessInteraction[] = ['read', 'vread', 'history', 'search'];
export const INTERACTIONS: readonly AccessInteraction[] = [
  'create',
  'read',
  'vread',
  'history',
  'update',
  'delete',
  'search',
];

/** What ProjectMembership.admin opens by itself. */
export function administration({ definitions }: AccessContext): RuleSource {
  const everything: Rule = {
    interactions: new Set(INTERACTIONS),
    reach: true,
    createReach: true,
    decide: () => true,
    decideCreate: () => true,
    hidden: [],
    readonly: [],
    constraints: [],
  };
  return { rule: (type) => (definitions.isAdministrative(type) ? everything : undefined) };
}

/** What is open in an emergency: to be read, with nothing hidden. */
export function emergency(context: AccessContext, patients: readonly string[]): RuleSource {
  const compartment = context.definitions.compartment('Patient')!;
  return {
    rule: (type) => {
      if (!compartment.resource.has(type)) return undefined;
      const reach = anyOf(patients.map((id) => ofPatient(context, type, id)));
      return {
        interactions: new Set(READING),
        reach,
        createReach: false,
        decide: deciderOf(context.index, type, reach),
        decideCreate: () => false,
        hidden: [],
        readonly: [],
        constraints: [],
      };
    },
  };
}

/** Does a rule open everything of its type? */
export const opensAll = (rule: Rule | undefined): boolean =>
  rule !== undefined &&
  rule.reach === true &&
  rule.createReach === true &&
  INTERACTIONS.every((interaction) => rule.interactions.has(interaction)) &&
  [rule.hidden, rule.readonly, rule.constraints].every(({ length }) => length === 0);
