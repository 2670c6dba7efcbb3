import type { Issue } from '../../../fhir/outcome.ts';
import type { RuleId } from '../../rules.ts';

/** A fault of a StructureDefinition. */
export interface DefinitionFault {
  rule: RuleId;
  severity: Issue['severity'];
  /** FHIRPath below the definition; empty: the definition itself. */
  path: string;
  diagnostics: string;
}
