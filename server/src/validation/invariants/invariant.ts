import type { JsonObject } from '../../fhir/resource.ts';
import type { ValidationState } from '../state.ts';

/** A constraint of a definition that is asked of each value at its place. */
export interface Invariant {
  /** `dom-3` */
  key: string;
  severity: 'error' | 'warning';
  /** What it asks for, in words. */
  human: string;
  /** FHIRPath. */
  expression: string;
  /**
   * Whether it holds; undefined where that could not be found out. Must not throw.
   *
   * @param value the object, or the primitive, at the invariant's path
   * @param state knows `resource`, `container`, `bundle` and `resolve` of the place
   * @param depth of the value: 0 at the root
   * @param extension FHIRPath's `%extension`, of an invariant about where that stands
   */
  test(value: unknown, state: ValidationState, depth: number, extension?: JsonObject): boolean | undefined;
}

/**
 * The invariants that the type pass weaves in, by place: the name of a type (`Patient`, `Period`, with those that
 * it inherits, without what the structure ensures, as `ele-1`), or the path of an element (`Patient.contact`,
 * `Bundle.entry`), without those of its type. The generator calls it once for each place when it compiles a type; the tests run after
 * the elements below have been checked. `type` is that of the values of an element, of which a choice has several.
 * Constraints stand in `TypeDefinition.constraints` and `ElementDefinition.constraints`.
 */
export type InvariantsAt = (path: string, type?: string) => readonly Invariant[];
