import type { JsonObject } from '../../fhir/resource.ts';
import { NO_INDEX, isObject, type ValidationState } from '../state.ts';
import { itemsOf } from './itemsOf.ts';

/** Codes of one value set that terminology is asked about. */
const CODES_MAX = 2_000;

/**
 * The codes that a ValueSet lists, by their own code systems (http://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.concept.code):
 * a code that a system does not have will never be in an expansion. Their displays are the value set's own. Only called where warnings
 * are wanted, too.
 */
export function checkValueSet(state: ValidationState, depth: number, { compose }: JsonObject): void {
  if (!isObject(compose)) return;
  let asked = 0;
  for (const list of ['include', 'exclude'] as const)
    for (const [i, { system, version, concept }] of itemsOf(compose[list]).entries()) {
      // A system that is not absolute is one that the value set contains.
      if (typeof system !== 'string' || !system.includes(':')) continue;
      for (const [j, { code }] of itemsOf(concept).entries()) {
        if (typeof code !== 'string' || ++asked > CODES_MAX) continue;
        const coding = { system, code, ...(typeof version === 'string' && { version }) };
        const at = `compose.${list}[${i}]`;
        state.askCoding(coding, depth, `${at}.concept[${j}].code`, NO_INDEX, (faults, report) => {
          for (const { kind, text } of faults) if (kind === 'code') report('coding-code', text, 'warning');
        });
        if (j === 0) askSystem(state, depth, `${at}.system`, coding);
      }
    }
}

/** What is no code system is none for all of its codes. */
function askSystem(
  state: ValidationState,
  depth: number,
  name: string,
  coding: { system: string; code: string },
): void {
  state.askCoding(coding, depth, name, NO_INDEX, (faults, report) => {
    for (const { kind, text } of faults) if (kind === 'system') report('coding-system', text);
  });
}
