import type { Issue } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';

/**
 * How much is checked: `structure` only elements, their types, cardinality and formats; `base` R4 itself; `profiles` also those of meta.profile; `strict` moreover that every
 * profile is known and every reference can be resolved.
 */
export type ValidationMode = 'structure' | 'base' | 'profiles' | 'strict';

export interface ValidationOptions {
  /** Canonicals to check besides those of meta.profile, whatever the mode. */
  profiles?: readonly string[];
  /** Default: the mode that the validator was made with; `profiles` at least where it is thorough. */
  mode?: ValidationMode;
  /** Whether warnings and remarks are wanted too ($validate); a write only needs errors. */
  thorough?: boolean;
}

/** Checks resources against FHIR's definitions. */
export interface Validator {
  /**
   * The faults of a resource, in document order, empty when there are none. A promise only where something had to
   * be asked of a port (decision 0027). Never throws on any JSON value; stops after `ISSUES_MAX` issues.
   */
  validate(resource: Resource, options?: ValidationOptions): Issue[] | Promise<Issue[]>;
}
