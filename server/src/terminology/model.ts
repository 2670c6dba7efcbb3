import type { JsonObject } from '../fhir/resource.ts';

export interface Coding {
  system?: string;
  version?: string;
  code?: string;
  display?: string;
}

/** Another text for a concept. */
export interface Designation {
  language?: string;
  use?: Coding;
  value: string;
  extension?: JsonObject[];
  /** Canonical of the supplement that it is from. */
  source?: string;
}

export interface ConceptProperty {
  code: string;
  /** Name of the value's element: `valueCode`, `valueString`, ... */
  element: string;
  value: unknown;
  source?: string;
}

/** A concept of one code system (http://hl7.org/fhir/R4/codesystem.html). */
export interface Concept {
  code: string;
  display?: string;
  definition?: string;
  designations: readonly Designation[];
  properties: readonly ConceptProperty[];
  extensions: readonly JsonObject[];
  /** Codes one step above and below. */
  parents: readonly string[];
  children: readonly string[];
  /** Place in the code system. */
  order: number;
}

/** What a code system says of a property that its concepts may have. */
export interface PropertyDefinition {
  code: string;
  uri?: string;
  type?: string;
  description?: string;
}

/** All of a code system but its concepts. */
export interface SystemHeader {
  url: string;
  version?: string;
  name?: string;
  title?: string;
  language?: string;
  status?: string;
  experimental?: boolean;
  /** FHIR's extension structuredefinition-standards-status. */
  standardsStatus?: string;
  caseSensitive: boolean;
  content: 'complete' | 'fragment' | 'example' | 'not-present' | 'supplement';
  properties: readonly PropertyDefinition[];
  /** Whether the concepts stand in a hierarchy. */
  isHierarchical: boolean;
  /** How many concepts there are; absent where there is no end of them (units, media types). */
  count?: number;
  /** Canonicals of the supplements that were added to it. */
  supplements: readonly string[];
  /** Of a system without an end: canonical of a value set with the codes in common use. */
  commonCodes?: string;
}

/** A filter of a value set (http://hl7.org/fhir/R4/valueset-filter-operator.html, with `child-of` and `descendent-leaf` of R5). */
export interface ConceptFilter {
  property: string;
  op: string;
  value: string;
}

/** Which concepts are wanted. */
export interface Selection {
  filters: readonly ConceptFilter[];
  /** Words that display or designations have. */
  text?: string;
  activeOnly?: boolean;
  /** Left out of those that match; and how many at the most. */
  offset?: number;
  limit: number;
}

/** One version of a code system, wherever its concepts are. */
export interface CodeSystemContent {
  readonly header: SystemHeader;
  /** The concept of a code, by the system's rules of case. */
  find(code: string): Promise<Concept | undefined>;
  /** In their order. @throws TerminologyError for filters that it does not know */
  select(selection: Selection): Promise<Concept[]>;
  /** How many {@link select} would give without limit. */
  count(selection: Selection): Promise<number>;
  /** Whether a concept passes filters. */
  matches(concept: Concept, filters: readonly ConceptFilter[]): Promise<boolean>;
  /** Whether one is above the other; false for the same. */
  subsumes(ancestor: Concept, descendant: Concept): Promise<boolean>;
}
