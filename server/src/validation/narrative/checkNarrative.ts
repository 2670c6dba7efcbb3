import { NO_INDEX, type ValidationState } from '../state.ts';
import { narrativeFault } from './scanNarrative.ts';

/** The text of a narrative's `div` (http://hl7.org/fhir/R4/narrative.html). */
export function checkNarrative(state: ValidationState, depth: number, name: string, div: string): void {
  const fault = narrativeFault(div);
  if (fault) state.report(fault.rule, depth, name, NO_INDEX, fault.diagnostics);
}
