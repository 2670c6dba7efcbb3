import { ANY_TYPE, type ExtensionDefinition } from '../../fhir/definitions/types.ts';
import type { PartUrls } from './parts.ts';

/** Elements that may have an extension (http://hl7.org/fhir/R4/defining-extensions.html#context). */
export interface ExtensionContext {
  /** `element`: by its id; `extension`: by the URL of the extension around it; `fhirpath`: what an expression selects. */
  type: string;
  expression: string;
}

/** What the definition of an extension says of where it may stand, whoever has defined it. */
export interface ExtensionUse {
  /** How often one element may have it; -1 means unbounded. */
  max: number;
  /** Whether it stands in `modifierExtension`; undefined: not known. */
  isModifier: boolean | undefined;
  /** None: anywhere. */
  contexts: readonly ExtensionContext[];
  /** FHIRPath that must hold for the element that has it. */
  invariants: readonly string[];
  /** Absent: what it is made of is checked otherwise, or not known. */
  parts?: PartUrls;
}

/** That of an extension of R4. */
export function coreUse({ max, isModifier, contexts, invariants, types }: ExtensionDefinition): ExtensionUse {
  return {
    max,
    isModifier: types.includes(ANY_TYPE) ? undefined : isModifier,
    contexts: contexts.map((expression) => ({ type: 'element', expression })),
    invariants: invariants ?? [],
  };
}
