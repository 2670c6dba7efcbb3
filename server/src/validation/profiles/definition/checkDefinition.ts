import type { StructureDefinition } from '@medplum/fhirtypes';
import type { JsonObject } from '../../../fhir/resource.ts';
import type { FindFaults } from '../../questions.ts';
import type { ValidationState } from '../../state.ts';
import { definitionFaults } from './definitionFaults.ts';

/** The StructureDefinition at `depth`, in whose form no error was found, against its base. */
export function checkDefinition(state: ValidationState, depth: number, definition: JsonObject): void {
  const { thorough } = state;
  const find: FindFaults = (structures) =>
    definitionFaults(structures, definition as unknown as StructureDefinition);
  state.askDefinition(find, depth, (faults, report) => {
    for (const { rule, severity, path, diagnostics } of faults)
      if (thorough || severity === 'error') report(rule, diagnostics, severity, path);
  });
}
