import type { DateSpan } from '../dates.ts';
import type { SearchParameterDefinition } from '../definitions/types.ts';

/**
 * A search as understood (http://hl7.org/fhir/R4/search.html): what to find (`Condition`), in which order, how much of it,
 * and what to bring along. Values are parsed: dates and numbers are spans, escapes are gone, parameters are definitions.
 * What a condition means for a resource is said beside it; `store/search` turns it into SQL.
 */

/** Prefix of a date, number or quantity. */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/**
 * A value with its prefix. `lo` and `hi` are the span that its precision implies (dates: milliseconds since 1970 UTC, both
 * ends included; numbers: `lo` included, `hi` excluded); `exact` is the number as it is written (dates: `lo`).
 */
export interface Comparison {
  prefix: Prefix;
  lo: number;
  hi: number;
  exact: number;
}

/** `system` absent: any; empty: none (`|code`). `code` absent: any code of the system (`system|`). */
export interface TokenValue {
  system?: string;
  code?: string;
}

/** `system` empty or absent: any; `code` absent: any unit. */
export interface QuantityComparison extends Comparison {
  system?: string;
  code?: string;
}

/** An id, `Type/id`, `Type/id/_history/version`, an absolute URL or a canonical; `targetType` from `:[type]`. */
export interface ReferenceValue {
  value: string;
  targetType?: string;
}

/** Value of one part of a composite, by the type of its parameter. */
export type PartValue =
  | { kind: 'token'; token: TokenValue }
  | { kind: 'reference'; reference: ReferenceValue }
  | { kind: 'string'; value: string }
  | { kind: 'uri'; value: string }
  | { kind: 'number'; comparison: Comparison }
  | { kind: 'date'; comparison: Comparison }
  | { kind: 'quantity'; quantity: QuantityComparison };

/** A place on Earth in degrees (WGS 84) and how far from it, in metres. */
export interface Vicinity {
  latitude: number;
  longitude: number;
  distanceM: number;
}

/** `exact` as it is written, the others folded; `equals` (the whole value) and `ends-with` only from `_filter`. */
export type StringMatch = 'starts-with' | 'exact' | 'contains' | 'equals' | 'ends-with';
/** `contains`, `starts-with` and `ends-with` (co, sw, ew) only from `_filter`. */
export type UriMatch =
  | 'exact'
  | 'above'
  | 'below'
  /** `:below` of canonical references: the URL, with a version that is or begins with the one named, or with any. */
  | 'version-below'
  /** `:below` of MIME types (a token parameter): the type with or without parameters; of `text` all its subtypes. */
  | 'mime-below'
  | 'contains'
  | 'starts-with'
  | 'ends-with';

/** What a text must say: `words` stand one behind the other. */
export type TextQuery =
  | { kind: 'words'; text: string }
  | { kind: 'and' | 'or'; parts: TextQuery[] }
  | { kind: 'not'; part: TextQuery };

interface OfParameter {
  parameter: SearchParameterDefinition;
}

/** What a resource must satisfy. Lists of values mean "any of them" and are not empty. */
export type Condition =
  | { kind: 'and' | 'or'; conditions: Condition[] }
  | { kind: 'not'; condition: Condition }
  /** Matches everything (`true`) or nothing. */
  | { kind: 'constant'; value: boolean }
  | { kind: 'id'; ids: string[] }
  | { kind: 'last-updated'; comparisons: Comparison[] }
  /** The parameter has no value (`missing`), or one. */
  | ({ kind: 'missing'; missing: boolean } & OfParameter)
  | ({ kind: 'token'; tokens: TokenValue[] } & OfParameter)
  /** `:text`: CodeableConcept.text, Coding.display or Identifier.type.text begins with it, folded; `contains` only from `_filter`. */
  | ({ kind: 'token-text'; match: 'starts-with' | 'contains'; texts: string[] } & OfParameter)
  /**
   * `:in`: one of the codes of a value set (canonical, or ValueSet/id). `token-hierarchy`, of `:above` and `:below`: the code or one
   * above (below) it. Both stand for a `token` with what terminology says; records puts that in their place. `name` is the parameter's
   * whole name as sent, for what terminology has to say of it.
   */
  | ({ kind: 'token-in'; name: string; valueSets: string[] } & OfParameter)
  | ({
      kind: 'token-hierarchy';
      name: string;
      direction: 'above' | 'below';
      tokens: TokenValue[];
    } & OfParameter)
  /** `:of-type` of identifiers. */
  | ({ kind: 'of-type'; values: { system: string; code: string; value: string }[] } & OfParameter)
  | ({ kind: 'string'; match: StringMatch; values: string[] } & OfParameter)
  | ({ kind: 'uri'; match: UriMatch; uris: string[] } & OfParameter)
  | ({ kind: 'date' | 'number'; comparisons: Comparison[] } & OfParameter)
  | ({ kind: 'quantity'; quantities: QuantityComparison[] } & OfParameter)
  | ({ kind: 'reference'; references: ReferenceValue[] } & OfParameter)
  /**
   * `:above`/`:below` of references: to one of them, or to a resource above (below) it in the hierarchy that resources of
   * `type` make by their reference parameter `by` (`parameter` itself where that refers to its own type).
   */
  | ({
      kind: 'reference-hierarchy';
      direction: 'above' | 'below';
      type: string;
      by: SearchParameterDefinition;
      references: ReferenceValue[];
    } & OfParameter)
  /** `:identifier`: Reference.identifier. */
  | ({ kind: 'reference-identifier'; tokens: TokenValue[] } & OfParameter)
  | ({ kind: 'composite'; values: PartValue[][] } & OfParameter)
  | ({ kind: 'near'; places: Vicinity[] } & OfParameter)
  /**
   * The parameter refers to a resource of one of the types that satisfies that type's condition; to one that is contained, `inside`
   * where that is another one.
   */
  | ({ kind: 'chain'; targets: { type: string; condition: Condition; inside?: Condition }[] } & OfParameter)
  /** A resource of `type` that satisfies the condition refers to this one by the parameter (of `type`). */
  | ({ kind: 'has'; type: string; condition: Condition } & OfParameter)
  /** Is an entry (not marked deleted) of one of these List resources; `$current-...` are refused by the parser. */
  | { kind: 'list'; ids: string[] }
  /** PostgreSQL full text of the narrative (`_text`) or of all texts of the resource (`_content`). */
  | { kind: 'full-text'; where: 'narrative' | 'content'; query: TextQuery }
  /** In the compartment of a resource: one of the references points at it; `self`: it is that resource. */
  | { kind: 'compartment'; type: string; id: string; parameters: SearchParameterDefinition[]; self: boolean }
  /** The same of any of many patients; where they have spans, also with a main date that overlaps the patient's, or without one. Never asked for. */
  | { kind: 'of-patients'; patients: PatientSet; parameters: SearchParameterDefinition[]; self: boolean };

/** Patients by the keys of their resources (`IndexQuery.selfKey`): made once, and asked often. */
export interface PatientSet {
  readonly spans: ReadonlyMap<bigint, DateSpan | undefined>;
  /** The same as values of a statement: the keys (bigint[]); with spans their beginnings and ends (float8[], milliseconds since 1970 UTC). */
  readonly arrays: readonly Uint8Array[];
}

/** One key of the order. `parameter` absent: what `by` says. Resources without a value come last, whatever the direction. */
export interface SortKey {
  /**
   * `beginning`: by the first of the parameter's texts that begins with one of the values; `patient`: by whom it is about; `main-date`: by
   * the type's main date, where there is none before all others. These are never asked for.
   */
  by: 'parameter' | 'id' | 'last-updated' | 'score' | 'beginning' | 'patient' | 'main-date';
  parameter?: SearchParameterDefinition;
  values?: readonly string[];
  descending: boolean;
}

/** `_include` or `_revinclude`. */
export interface Include {
  reverse: boolean;
  /** Applied to what is included as well, until nothing new comes. */
  iterate: boolean;
  /** Type whose references are followed (`_revinclude`: the type that refers); `*`: of every type. */
  sourceType: string;
  /** Absent: every reference parameter (`*`). */
  parameter?: SearchParameterDefinition;
  /** Only references to this type. */
  targetType?: string;
}

/** What is asked of one resource type. */
export interface TypeSearch {
  type: string;
  /** All must hold; empty: every resource of the type. */
  conditions: Condition[];
  /** As many keys for each type of a search, and of the same meaning. */
  sort: SortKey[];
}

export type SummaryMode = 'true' | 'text' | 'data' | 'count' | 'false';
export type TotalMode = 'none' | 'estimate' | 'accurate';
export type ContainedMode = 'false' | 'true' | 'both';

export interface SearchQuery {
  /** One for a search of a type; several at system level, in alphabetical order. */
  searches: TypeSearch[];
  /** Most matches in a page; 0: only the number of matches is asked for. */
  count: number;
  /** Sealed position of the page to return. */
  page?: string;
  total?: TotalMode;
  includes: Include[];
  summary: SummaryMode;
  /** Names of top-level elements to return (`_elements`). */
  elements?: string[];
  contained: ContainedMode;
  containedType: 'container' | 'contained';
  /** `_explain=true`. */
  explain: boolean;
}
