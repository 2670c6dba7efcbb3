/**
 * FHIR's own definitions in the compact shape that the validator, the indexer and the CapabilityStatement need.
 * Everything here is plain JSON, so that it can be cached in a file.
 */

/** An invariant as a definition states it (ElementDefinition.constraint). */
export interface Constraint {
  /** `pat-1` */
  key: string;
  severity: 'error' | 'warning';
  human: string;
  /** FHIRPath. */
  expression: string;
}

/** Codes by system. */
export type CodeSet = Readonly<Record<string, readonly string[]>>;

/** In {@link ExtensionContent.types}: any value and any parts, because the definition is not known here. */
export const ANY_TYPE = '*';

/** What an extension, or a part of one, may hold. */
export interface ExtensionContent {
  /** Types that the value may have; none: there is no value but parts. */
  types: string[];
  /** Canonical of a required binding's value set, without version. */
  requiredValueSet?: string;
  parts: ExtensionPart[];
}

/** An extension inside of a complex one. */
export interface ExtensionPart extends ExtensionContent {
  url: string;
  min: number;
  /** -1 means unbounded. */
  max: number;
}

/** An extension that HL7 has defined with R4 (http://hl7.org/fhir/R4/defining-extensions.html). */
export interface ExtensionDefinition extends ExtensionContent {
  url: string;
  /** How often one element may have it; -1 means unbounded. */
  max: number;
  /** Paths and types of the elements that may have it (`Patient`, `Questionnaire.item`, `Element`). */
  contexts: string[];
  /** Whether it stands in `modifierExtension`; absent: not known. */
  isModifier?: boolean;
  /** FHIRPath that must hold for the element that has it (StructureDefinition.contextInvariant). */
  invariants?: string[];
}

/** One allowed type of an element (ElementDefinition.type). */
export interface ElementType {
  /** Type name, e.g. `string`, `CodeableConcept`, `Reference`, `BackboneElement`; FHIRPath system types are already mapped to their FHIR primitive. */
  code: string;
  /** Resource type names a Reference or canonical may point at; absent: any. */
  targets?: string[];
}

/** An element as it stands in a type's differential tree, children nested. */
export interface ElementDefinition {
  /** JSON property name; for a choice the stem without `[x]`. */
  name: string;
  /** FHIR path, e.g. `Observation.component.value[x]`. */
  path: string;
  min: number;
  /** Upper cardinality; -1 means unbounded (`*`). */
  max: number;
  /** True for `value[x]`. */
  choice: boolean;
  types: ElementType[];
  isSummary: boolean;
  isModifier: boolean;
  /** Path of the element whose children this one reuses, e.g. `Bundle.link` for `Bundle.entry.link`. */
  contentReference?: string;
  /** Canonical of a required binding's value set, without version. */
  requiredValueSet?: string;
  /** Canonical of an extensible binding's value set, without version. */
  extensibleValueSet?: string;
  /** Invariants that are stated at this element, without those of its type. */
  constraints?: Constraint[];
  /** Children of a backbone element (types[0].code is BackboneElement or Element). */
  children?: ElementDefinition[];
}

export interface TypeDefinition {
  name: string;
  kind: 'resource' | 'complex-type' | 'primitive-type';
  /** Parent type, e.g. DomainResource; absent on the roots. */
  base?: string;
  abstract: boolean;
  /** All elements, inherited ones included, in the order of the snapshot. Empty for primitives. */
  elements: ElementDefinition[];
  /** Invariants of the type, inherited ones included. */
  constraints?: Constraint[];
  /** Primitive types: the regular expression of the specification, if it has one. */
  regex?: string;
}

export type SearchParameterType =
  'number' | 'date' | 'string' | 'token' | 'reference' | 'composite' | 'quantity' | 'uri' | 'special';

export interface SearchParameterDefinition {
  /** Canonical URL. */
  url: string;
  /** The name in the query string, e.g. `birthdate`. */
  code: string;
  type: SearchParameterType;
  /** Resource types it applies to; `Resource` and `DomainResource` mean their descendants. */
  base: string[];
  /** FHIRPath; absent on parameters with no expression (`_content`, `near` without one, ...). */
  expression?: string;
  /** Reference parameters: resource types they may point at. */
  target?: string[];
  /** Composites: canonical URL of each part and its expression relative to the composite's. */
  component?: { definition: string; expression: string }[];
  /** Of a resource inside of the one that is searched (`composition.date` of Bundle): asked for by a chain. */
  embedded?: true;
  /** Of a parameter added at run time: what it was added by and when. Absent: FHIR's own. */
  added?: AddedBy;
}

/** One use of a SearchParameter resource: another definition, or the same one used anew, is another use. */
export interface AddedBy {
  /** Id of the SearchParameter resource. */
  resource: string;
  /** Revision of the index plan (store/reindex) that its rows are written since. */
  revision: number;
}

/** What belongs to a resource of one type (http://hl7.org/fhir/R4/compartmentdefinition.html). */
export interface Compartment {
  /** Type of the resource that the compartment is named for. */
  type: string;
  /**
   * Codes of the reference parameters through which a resource of a type is in the compartment; types that are not in it
   * are absent. The type itself may have none: the resource is in its own compartment.
   */
  resource: ReadonlyMap<string, readonly string[]>;
}

/** The definitions of one FHIR release, indexed for look-up. */
export interface Definitions {
  /** `4.0.1` */
  fhirVersion: string;
  /** Concrete resource types of R4, alphabetical. */
  resourceTypes: readonly string[];
  /** Whether a type administers the server (User, AccessPolicy, ...): not of R4, and for administrators only. */
  isAdministrative(name: string): boolean;
  /** A concrete type of R4, or one that administers. */
  isResourceType(name: string): boolean;
  type(name: string): TypeDefinition | undefined;
  /**
   * Parameters of a concrete resource type, inherited ones (`_id`, `_tag`, ...) included. The same array until they
   * change: what was made from it can be kept with it.
   */
  searchParameters(resourceType: string): readonly SearchParameterDefinition[];
  searchParameter(resourceType: string, code: string): SearchParameterDefinition | undefined;
  searchParameterByUrl(url: string): SearchParameterDefinition | undefined;
  /** Whether a parameter was added that has no complete index yet: {@link searchParameter} does not know it. */
  isPending?(resourceType: string, code: string): boolean;
  /** The codes of a value set of a required binding (no version in `url`); undefined: they cannot be listed. */
  codes(url: string): CodeSet | undefined;
  /** An extension of R4 by its URL. */
  extension(url: string): ExtensionDefinition | undefined;
  /** The compartment of resources of a type; undefined for types without (R4 has five with). */
  compartment(type: string): Compartment | undefined;
}
