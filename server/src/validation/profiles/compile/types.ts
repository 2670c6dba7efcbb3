import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import type { UnitConverter } from '../../../fhir/units/units.ts';
import type { JsonObject } from '../../../fhir/resource.ts';
import type { ExtensionUse } from '../../extensions/extensionUse.ts';
import type { Invariant } from '../../invariants/invariant.ts';
import type { ObjectCheck, ValidationState } from '../../state.ts';

/** What one definition says of one property of an object (or, for a choice, of several). */
export type Part = ObjectCheck;

/**
 * What is asked of one value of an element.
 *
 * @param sibling the `_name` object of a primitive
 * @param type of the value: of a choice the one that it has, else the element's own
 * @param depth of the object that has the element
 */
export type ItemCheck = (
  value: unknown,
  sibling: unknown,
  type: string,
  at: ValidationState,
  depth: number,
  name: string,
  index: number,
) => void;

/** Whether a value is of a slice. */
export type ItemTest = (value: unknown, sibling: unknown, type: string, at: ValidationState) => boolean;

/** A profile, or a type, that something must conform to. Filled in when it is compiled. */
export interface ProfileLink {
  /** As it is named where it is asked for. */
  canonical: string;
  /** The type that it constrains; undefined where the profile is not known here. */
  type: string | undefined;
  /** Absent: nothing to check beyond the type. */
  check?: ObjectCheck;
  /** Of an extension: where it may stand. */
  use?: ExtensionUse;
}

/** Finds out whether something conforms, without reporting why not. */
export interface QuietChecks {
  /** Whether a check finds no error. What would have to be asked counts as fine. */
  passes(at: ValidationState, check: (scratch: ValidationState) => void): boolean;
  /** Whether a resource that something refers to conforms to a profile. */
  conforms(at: ValidationState, target: JsonObject, link: ProfileLink): boolean;
}

/** An element of the type that a profile constrains, and the tree that it is in. */
export interface BaseElement {
  node: ElementNode;
  root: ElementNode;
}

/** What the compilation of a profile knows. All that it can meet has been loaded before. */
export interface CompileContext {
  /** How issues name who demands something: `the profile http://...`. */
  demander: string;
  /** The elements of a type as R4 defines them. */
  typeTree(type: string): ElementNode | undefined;
  /** The elements of a profile. */
  profileTree(canonical: string): ElementNode | undefined;
  link(canonical: string): ProfileLink;
  /** Whether extensions that name this definition are checked by it wherever they stand. */
  isCheckedByUrl(canonical: string): boolean;
  isType(name: string): boolean;
  isResourceType(name: string): boolean;
  /** `system|code` of each member, where the value set is small and in memory. */
  members(valueSet: string): ReadonlySet<string> | undefined;
  /** Tests of an invariant; undefined where the expression cannot be compiled. @param type of the values, or the path of an element */
  invariantTest(expression: string, type: string, key: string): Invariant['test'] | undefined;
  quiet: QuietChecks;
  units: UnitConverter;
}
