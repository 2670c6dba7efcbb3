import type { ExtensionUse } from '../extensions/extensionUse.ts';
import type { ObjectCheck } from '../state.ts';

/** The check of what a profile adds to its type. Runs after the type pass, at every resource that claims it. */
export type ProfileCheck = ObjectCheck;

/** A definition that an extension names by its url. */
export interface DefinedExtension {
  /** Where it may stand; undefined: the definition is of something else than an extension. */
  use: ExtensionUse | undefined;
  /** What it holds. */
  check: ProfileCheck;
}

/** What is told where a profile that is known cannot be used. */
export const unusableText = (url: string, reason: string): string =>
  `The profile ${url} cannot be used, so it was not checked (${reason}): load what it depends on, or correct it.`;

/** The profile passes that there are. */
export interface Profiles {
  /**
   * The check of a profile by its canonical; `unknown`: there is no such profile; undefined: not known yet, so it must be
   * prepared. The validator then prepares all that it met and validates anew.
   */
  compiled(canonical: string): ProfileCheck | 'unknown' | undefined;
  /** Why a profile that is known cannot be used; undefined where it can, or is not known. */
  fault(canonical: string): string | undefined;
  /** The definition of an extension by its url, as {@link compiled}. */
  extension(url: string): DefinedExtension | 'unknown' | undefined;
  /** Afterwards `compiled` knows each of them. Rejects only for a fault that is not the resource's. */
  prepare(canonicals: readonly string[]): Promise<void>;
}
