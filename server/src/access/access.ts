import type { Condition } from '../fhir/search/ast.ts';
import type { Interaction } from '../fhir/smart/scope.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Fault } from './faults.ts';

/** What a policy may allow. SMART's `read` stands for `vread` and `history` as well. */
export type AccessInteraction = Interaction | 'vread' | 'history';

/** Which resources: all (`true`), none, or those that satisfy a condition. */
export type Reach = Condition | boolean;

/** A resource as it is to be written, and what of it the caller may not change. */
export interface CheckedWrite {
  /** With the hidden elements of the version before in their places. */
  resource: Resource;
  /** FHIR paths of elements that were sent or changed and must not be; empty: the write may go on. */
  refused: string[];
}

/** What one caller may do: policies and SMART scopes, compiled together. Denies whatever nothing allows. */
export interface Access {
  /** Which resources of the type the interaction may touch: what a search, each link of its chains and what it includes is to be narrowed by. */
  condition(type: string, interaction: AccessInteraction): Reach;
  /** The same decision about one resource, from its plain JSON; undefined where it takes the database (a chain, `_has`, `_list`, ...). */
  allows(type: string, interaction: AccessInteraction, resource: Resource): boolean | undefined;
  /** The same about one that is stored, from its text, of which only what decides is parsed. */
  allowsText(type: string, interaction: AccessInteraction, content: string): boolean | undefined;
  /**
   * Elements of the type that are hidden in some resource that the interaction may touch: by these nobody may search or sort.
   * Where one thing is hidden, the narrative (`text`) is too, since it may tell the same.
   */
  hidden(type: string, interaction?: AccessInteraction): readonly string[];
  /** Elements that are hidden in this very resource. */
  hiddenIn(type: string, resource: Resource, interaction?: AccessInteraction): readonly string[];
  /** The resource without its hidden elements; the same object where nothing is hidden in it. */
  shown(type: string, resource: Resource, interaction?: AccessInteraction): Resource;
  /** The first parameter of a condition on the type that looks at what is hidden, also where a chain or `_has` leads; undefined: none does. */
  hiddenParameter(type: string, condition: Condition): HiddenParameter | undefined;
  /** Elements of the type that an update may not change in some resource. */
  readonlyElements(type: string): readonly string[];
  /** Puts hidden elements back and finds changes to what is hidden or read-only. Trees may be `ParsedJson.exact`. @param before absent: a create */
  checkWrite(type: string, before: Resource | undefined, after: Resource): CheckedWrite;
  /** FHIRPath write constraints (`%before`, `%after`) that the write does not satisfy; plain JSON. @param before absent: a create */
  violated(type: string, before: Resource | undefined, after: Resource): string[];
  /**
   * What decides about Binaries that name a resource for their security (http://hl7.org/fhir/R4/binary-definitions.html#Binary.securityContext):
   * the same grants, asked about such resources, as far as scopes let the interaction touch a Binary. Undefined: they do not.
   */
  ofSecurityContexts(interaction: AccessInteraction): Access | undefined;
  /** Whether it is everything: each interaction with each resource, with nothing hidden, read-only or constrained. */
  readonly unlimited: boolean;
  /** Why parts of policies and scopes allow nothing, for administrators and the log: no patient data. */
  readonly faults: readonly Fault[];
}

/** A parameter that looks at a hidden element. */
export interface HiddenParameter {
  type: string;
  code: string;
}
