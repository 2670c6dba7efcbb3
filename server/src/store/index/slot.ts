import type { SearchParameterType } from '../../fhir/definitions/types.ts';
import type { PathBranch } from '../../fhir/path/branches.ts';
import type { ResolvedPath } from '../../fhir/path/resolvePath.ts';
import type { PathKey } from './keys.ts';

/** As what a path is read: the types of search parameters, and the sound of names. */
export type SlotKind = Exclude<SearchParameterType, 'composite'> | 'phonetic';

/** A path of a resource type that has rows, read as one kind of parameter. Parameters with the same path share it. */
export interface Slot {
  kind: SlotKind;
  /** The path's normal form. */
  text: string;
  branch: PathBranch;
  /** Where the values stand in JSON, by type; undefined where a FHIRPath engine must find them. */
  resolved: ResolvedPath[] | undefined;
  /** Stands in `param` columns and is mixed into every key. */
  path: PathKey;
  /** The same for what is derived from the value: quantities in UCUM base units, the sound of names. */
  derivedPath: PathKey;
  /** Whether every valid resource has a value here, so that nothing needs to say so. */
  required: boolean;
  /** Target types that some parameter is limited to on this path. */
  restrictedTo: Set<string>;
  /** Its date stands in the date columns instead of rows. */
  mainDate: boolean;
  ordered: boolean;
  /** Its quantity stands beside the codes of the ordered table. */
  mainQuantity: boolean;
  /** Its first reference to a Patient is the resource's patient. */
  patient: boolean;
  /** Only parameters added at run time read it: their expressions may reach what cannot be searched by. */
  added: boolean;
}

/** Whether a resource has at most one element on the slot's path, as far as the definitions tell. */
export function selectsOne({ resolved }: Slot): boolean {
  return resolved?.every((path) => !path.repeats) ?? false;
}
