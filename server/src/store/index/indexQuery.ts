import type { SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import type { ParameterPlan } from './plan.ts';
import type { IndexTerm, PartQuery } from './queryComposite.ts';
import type { QuantityTerm, QuantityValue } from './queryRange.ts';
import type { OrderedKeys, Presence, TokenValue } from './querySlots.ts';
import type { Key } from './rows.ts';

/** A parameter by its definition, or by its code in the query string. */
export type Parameter = SearchParameterDefinition | string;

/**
 * What a search asks the index for. Every list of keys means "any of them"; an empty one, that nothing can match.
 * The functions are for parameters that `plan` knows; for others they throw, because that is a defect.
 */
export interface IndexQuery {
  /** Absolute URL of this server's FHIR endpoint, without a slash at its end. */
  readonly ownBase: string | undefined;
  /** How a parameter is indexed; undefined if the type does not have it or it has no rows (UNINDEXED_PARAMETERS). */
  plan(type: string, parameter: Parameter): ParameterPlan | undefined;
  tokenKeys(type: string, parameter: Parameter, token: TokenValue): Key[];
  /** Keys in the ordered table for a token (of a patient's resources: XOR the patient's `self`); undefined where it does not hold them. */
  orderedKeys(type: string, parameter: Parameter, token: TokenValue): OrderedKeys | undefined;
  /** `param` of the range rows with the main quantity, of which there is one number in the ordered table. */
  mainQuantity(type: string): { written: Key[]; base: Key[] };
  /** `:of-type`: an identifier by its type. */
  ofTypeKeys(type: string, parameter: Parameter, typeSystem: string, typeCode: string, value: string): Key[];
  /** `id` (of `targetType`, or else of any allowed target), `Type/id`, `Type/id/_history/v`, URL or canonical. */
  referenceKeys(type: string, parameter: Parameter, value: string, targetType?: string): Key[];
  /** `:identifier`: a logical reference. */
  identifierKeys(type: string, parameter: Parameter, token: TokenValue): Key[];
  uriKeys(type: string, parameter: Parameter, uri: string): Key[];
  /** String rows (any of `params`) whose value begins with `prefix`, which is folded; `phonetic` likewise. */
  stringPrefix(type: string, parameter: Parameter, value: string): { params: Key[]; prefix: string };
  /** `:below` of URIs: string rows as they are written. Empty params: not offered on this parameter. */
  uriPrefix(type: string, parameter: Parameter, value: string): { params: Key[]; prefix: string };
  /** `:exact`: string rows (any of `params`) whose value is `folded` and whose exact key is one of `exact`. */
  stringExact(
    type: string,
    parameter: Parameter,
    value: string,
  ): { params: Key[]; folded: string; exact: Key[] };
  /** `:missing=false`; `always` when every valid resource has a value. */
  presence(type: string, parameter: Parameter): Presence | 'always';
  /** Whether the date columns, and not range rows, hold the parameter's dates. */
  isMainDate(type: string, parameter: Parameter): boolean;
  /** Range rows of dates and numbers (any of them), and of quantities without regard to the unit. */
  rangeParams(type: string, parameter: Parameter): Key[];
  /** Range rows of a quantity: those that match any of the terms. */
  quantityTerms(type: string, parameter: Parameter, quantity: QuantityValue): QuantityTerm[];
  /** `near`: range rows of the latitude and of the longitude, in degrees. */
  positionParams(type: string, parameter: Parameter): { latitude: Key[]; longitude: Key[] };
  /** Composites: what finds the parts together. */
  compositeTerm(type: string, parameter: Parameter, parts: readonly PartQuery[]): IndexTerm;
  /**
   * Token parts of a composite that stand in the resource itself, once at the most: a resource that the composite finds is
   * also found by that parameter alone. `at`: which part it is.
   */
  tokenParts(type: string, parameter: Parameter): { parameter: SearchParameterDefinition; at: number }[];
  /** The column `self` of a resource; of a patient, also the patient column of what belongs to it. */
  selfKey(type: string, id: string): Key;
  /**
   * Where a reference parameter has its keys: the key of a reference on `path` is the `self` of what it points at,
   * XOR `path`. With `target`, only references to that type count. A canonical's key is likewise that of the URI
   * on the path that its target is named by.
   */
  referencePaths(type: string, parameter: Parameter): { path: Key; target?: string }[];
  /** The `self` of what a reference to a type may name: `id`, `Type/id` (or its URL here), or an URL elsewhere. */
  referenceTargets(type: string, value: string): Key[];
  /** A unit's code, whatever its system. */
  unitKey(code: string): Key;
  /** What contains a resource of the type. */
  containedKey(type: string): Key;
  /**
   * What resources contain and refer to on a path (Slot.text), as chains ask for it. `present`: the key of those that refer
   * to something contained of the type.
   */
  inside(path: string, type: string): { present: Key; query: InsideQuery };
}

/** What of an index can be asked of contained resources that are referred to: all that needs keys and side rows alone. */
export type InsideQuery = Pick<
  IndexQuery,
  | 'plan'
  | 'tokenKeys'
  | 'ofTypeKeys'
  | 'referenceKeys'
  | 'identifierKeys'
  | 'uriKeys'
  | 'stringPrefix'
  | 'uriPrefix'
  | 'stringExact'
  | 'presence'
  | 'isMainDate'
  | 'rangeParams'
  | 'quantityTerms'
>;
