import type { StructureDefinition } from '@medplum/fhirtypes';
import type { JsonObject } from '../../../fhir/resource.ts';
import type { FindFaults } from '../../questions.ts';
import type { ValidationState } from '../../state.ts';
import { checkConstraints } from './constraintFaults.ts';
import { definitionFaults } from './definitionFaults.ts';

/**
 * The StructureDefinition at `depth`, in whose form no error was found: its constraints, and all against its base.
 *
 * @param isExpression whether a text is FHIRPath; absent: that is not checked
 */
export function checkDefinition(
  state: ValidationState,
  depth: number,
  definition: JsonObject,
  isExpression?: (text: string) => boolean,
): void {
  if (isExpression) checkConstraints(state, depth, definition, isExpression);
  const { thorough } = state;
  const find: FindFaults = (structures) =>
    definitionFaults(structures, definition as unknown as StructureDefinition);
  state.askDefinition(find, depth, (faults, report) => {
    for (const { rule, severity, path, diagnostics } of faults)
      if (thorough || severity === 'error') report(rule, diagnostics, severity, path);
  });
}
