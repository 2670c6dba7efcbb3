import type { JsonObject } from '../../fhir/resource.ts';
import type { CodingFault } from '../ports.ts';
import type { RuleId } from '../rules.ts';
import type { ValidationState } from '../state.ts';

const RULE_OF: Readonly<Record<CodingFault['kind'], RuleId>> = {
  code: 'coding-code',
  system: 'coding-system',
  display: 'coding-display',
  unchecked: 'coding-unchecked',
};

/**
 * A Coding or Quantity by its own code system, whatever it is bound to: whether that has the code, and by that name. Only called
 * where warnings are wanted too, since terminology has to be asked of every coding.
 */
export function askOwnCode(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  { system, version, code, display }: JsonObject,
): void {
  // A system that is not absolute is told as such.
  if (typeof system !== 'string' || typeof code !== 'string' || !system.includes(':')) return;
  const coding = {
    system,
    code,
    ...(typeof version === 'string' && { version }),
    ...(typeof display === 'string' && { display }),
  };
  state.askCoding(coding, depth, name, index, (faults, report) => {
    for (const { kind, severity, text } of faults) report(RULE_OF[kind], text, severity);
  });
}
