import type { ContainedTypes } from './containedTypes.ts';
import type { MainQuantity } from './mainQuantity.ts';

/** What a resource is found by: the content of the index columns and side tables of its type (docs/decisions/0003). */

/** A keyed 64-bit hash, signed as PostgreSQL's bigint is. */
export type Key = bigint;

export interface StringRow {
  /** Hash of the search parameter's path (`pathKey`). */
  param: Key;
  /** Folded (case, accents, white space), a URI as it is, or the sound of a name; cut to STRING_CHARS_MAX. */
  value: string;
  /** Hash of the string as it is written, for `:exact`; NOT_EXACT where that is not offered. */
  exact: Key;
}

/** `exact` of rows that no string parameter reads. */
export const NOT_EXACT: Key = 0n;

export interface RangeRow {
  param: Key;
  /** Dates: milliseconds since 1970 UTC; numbers and quantities: the exact value. ±Infinity where open. Composites of two numbers: the first and the second. */
  lo: number;
  hi: number;
  /** Quantities: key of the unit; 0 otherwise. */
  unit: Key;
}

export interface IndexRows {
  /** Sorted, without duplicates. */
  keys: BigInt64Array;
  /** Own key (`self`) of the patient that the resource belongs to (its subject or patient), or null. */
  patient: Key | null;
  /** The type's main date, milliseconds since 1970 UTC (±Infinity where open), or null. */
  dateLoMs: number | null;
  dateHiMs: number | null;
  strings: StringRow[];
  ranges: RangeRow[];
  /**
   * Keys in the ordered table, each with the main date and the main quantity: of code-like parameters, of any system; and
   * these of the patient (`key ^ patient`). Sorted, without duplicates.
   */
  ordered: BigInt64Array;
  quantity: MainQuantity;
}

/** Turns resources into what they are found by with some of a type's parameters. */
export interface PartialIndexer {
  index: Indexer['index'];
  /** Elements outside of which it looks at nothing; undefined: it may look at all. */
  members: ReadonlySet<string> | undefined;
}

/** Turns a resource into what it is found by, on its own or as one that another contains. Pure; throws FhirError only where a value cannot be indexed at all. */
export interface Indexer {
  /** Revision of the plan that it indexes by, where plans change while it works. */
  readonly revision?: number;
  index(resource: { resourceType: string }, inside?: ContainedTypes): IndexRows;
  /**
   * What resources of a type are found by with some of its parameters alone: as much of {@link index} as these ask for, in a part of the time.
   * The same object for the same parameters.
   */
  only(type: string, codes: ReadonlySet<string>): PartialIndexer;
  /** The column `self` of a resource. */
  selfKey(type: string, id: string): Key;
}
