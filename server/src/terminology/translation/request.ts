import type { JsonObject } from '../../fhir/resource.ts';
import type { Coding } from '../model.ts';

/** What is to be translated, and by which maps. */
export interface TranslateRequest {
  codings: readonly Coding[];
  /** Canonical of the map, or the map itself; absent: every map that is known. */
  url?: string;
  map?: JsonObject;
  /** Value sets that the map must be between. */
  source?: string;
  target?: string;
  targetSystem?: string;
  reverse: boolean;
  /** What is known of other elements: a mapping that depends on another value of them does not hold. */
  dependencies?: readonly Dependency[];
}

export interface Dependency {
  /** URI of the element or property. */
  element: string;
  codings: readonly Coding[];
}
