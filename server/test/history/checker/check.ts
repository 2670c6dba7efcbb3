import { Facts } from './facts.ts';
import type { History } from './history.ts';
import { checkCuts } from './rules/cuts.ts';
import { checkOrder } from './rules/order.ts';
import { checkPromises } from './rules/promises.ts';
import { checkRegisters } from './rules/registers.ts';
import { checkVersions } from './rules/versions.ts';
import { checkWholes } from './rules/wholes.ts';
import type { Violation } from './violation.ts';

/** Everything in which a history breaks a rule; empty when the server kept its word. One fault may break several rules. */
export function check(history: History): Violation[] {
  const facts = new Facts(history);
  return [checkVersions, checkPromises, checkWholes, checkRegisters, checkCuts, checkOrder].flatMap((rule) =>
    rule(facts),
  );
}
