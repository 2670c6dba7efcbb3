import type { JsonObject } from '../fhir/resource.ts';
import type { Profiles } from './profiles/profile.ts';
import { isObject, NO_INDEX, type ValidationState } from './state.ts';

/** Profiles of which one resource is checked against: what claims more has lost its way. */
export const PROFILES_MAX = 50;

/** Checks resources against profiles (http://hl7.org/fhir/R4/profiling.html). */
export interface ProfilePass {
  /** Those of meta.profile. An unknown one is an error in `strict`, else a warning. */
  claimed(resource: JsonObject, state: ValidationState, depth: number): void;
  /** Those that the caller names, at the root, and that {@link claimed} has not checked. An unknown one is an error. */
  asked(resource: JsonObject, state: ValidationState, canonicals: readonly string[]): void;
}

/** The pass that runs what `profiles` has compiled; without profiles none is known. */
export function createProfilePass(profiles: Profiles | undefined): ProfilePass {
  function check(resource: JsonObject, state: ValidationState, depth: number, canonical: string): boolean {
    const compiled = profiles ? profiles.compiled(canonical) : 'unknown';
    if (compiled === undefined) state.needProfile(canonical);
    else if (compiled === 'unknown') return false;
    else compiled(resource, state, depth);
    return true;
  }

  return {
    claimed(resource, state, depth) {
      claimsOf(resource).forEach((canonical: unknown, i) => {
        if (typeof canonical !== 'string' || check(resource, state, depth, canonical)) return;
        if (state.mode !== 'strict' && !state.thorough) return;
        state.names[depth] = 'meta';
        state.indexes[depth] = NO_INDEX;
        const severity = state.mode === 'strict' ? 'error' : 'warning';
        state.report('profile-unknown', depth + 1, 'profile', i, UNKNOWN_CLAIM, severity);
      });
    },
    asked(resource, state, canonicals) {
      const claims = state.mode === 'base' ? [] : claimsOf(resource);
      for (const canonical of canonicals.slice(0, PROFILES_MAX)) {
        if (claims.includes(canonical) && profiles?.compiled(canonical) !== 'unknown') continue;
        if (check(resource, state, 0, canonical)) continue;
        state.report('profile-unknown', 0, '', NO_INDEX, UNKNOWN_ASKED);
      }
    },
  };
}

function claimsOf({ meta }: JsonObject): readonly unknown[] {
  const claims = isObject(meta) ? meta.profile : undefined;
  return Array.isArray(claims) ? claims.slice(0, PROFILES_MAX) : [];
}

const UNKNOWN_CLAIM = 'The profile is not known here, so it was not checked: load the package that has it.';
const UNKNOWN_ASKED =
  'A profile that was asked for is not known here, so it was not checked: load the package that has it.';
