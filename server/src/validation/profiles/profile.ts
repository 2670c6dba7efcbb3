import type { ObjectCheck } from '../state.ts';

/** The check of what a profile adds to its type. Runs after the type pass, at every resource that claims it. */
export type ProfileCheck = ObjectCheck;

/** The profile passes that there are. */
export interface Profiles {
  /**
   * The check of a profile by its canonical; `unknown`: there is no such profile; undefined: not known yet, so it must be
   * prepared. The validator then prepares all that it met and validates anew.
   */
  compiled(canonical: string): ProfileCheck | 'unknown' | undefined;
  /** Afterwards `compiled` knows each of them. Rejects only for a fault that is not the resource's. */
  prepare(canonicals: readonly string[]): Promise<void>;
}
