/**
 * FHIR's own definitions in the compact shape that the validator, the indexer and the CapabilityStatement need.
 * Everything here is plain JSON, so that it can be cached in a file.
 */

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
  /** Concrete resource types, alphabetical. */
  resourceTypes: readonly string[];
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
  /** The compartment of resources of a type; undefined for types without (R4 has five with). */
  compartment(type: string): Compartment | undefined;
}
