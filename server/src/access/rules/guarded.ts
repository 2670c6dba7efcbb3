import type { Candidate } from '../../store/search/match/candidate.ts';
import type { AccessInteraction, Reach } from '../access.ts';
import { distinct, inAll, isWithin, type ElementPath } from '../elements/elementPaths.ts';
import type { Rule } from './rule.ts';

/** Which elements rules guard: those that nobody may see, or change. */
export type Guarded = 'hidden' | 'readonly';

/** What a rule opens to an interaction. */
export const reachOf = (rule: Rule, interaction: AccessInteraction): Reach =>
  interaction === 'create' ? rule.createReach : rule.reach;

/** Rules by whether they allow a resource. */
export function sorted(rules: readonly Rule[], candidate: () => Candidate, isCreate: boolean) {
  const allowing: Rule[] = [];
  const undecided: Rule[] = [];
  for (const rule of rules) {
    const reach = isCreate ? rule.createReach : rule.reach;
    const decide = isCreate ? rule.decideCreate : rule.decide;
    const decision = typeof reach === 'boolean' ? reach : decide(candidate());
    if (decision === undefined) undecided.push(rule);
    else if (decision) allowing.push(rule);
  }
  return { allowing, undecided };
}

/** Elements that some rule guards, and that no rule about all resources leaves open. */
export function guardedSomewhere(rules: readonly Rule[], what: Guarded): readonly ElementPath[] {
  const some = distinct(rules.flatMap((rule) => rule[what]));
  if (some.length === 0) return some;
  const general = rules.filter(({ reach }) => reach === true).map((rule) => rule[what]);
  return some.filter((path) => general.every((paths) => paths.some((other) => isWithin(path, other))));
}

/**
 * Elements guarded in one resource: what every rule guards that allows it. Where none is known to, what one
 * of them guards that might, or of all.
 */
export function guardedIn(
  rules: readonly Rule[],
  what: Guarded,
  candidate: () => Candidate,
  isCreate: boolean,
): readonly ElementPath[] {
  if (rules.every((rule) => rule[what].length === 0)) return [];
  const { allowing, undecided } = sorted(rules, candidate, isCreate);
  if (allowing.length > 0) return inAll(allowing.map((rule) => rule[what]));
  const possible = undecided.length > 0 ? undecided : rules;
  return distinct(possible.flatMap((rule) => rule[what]));
}
