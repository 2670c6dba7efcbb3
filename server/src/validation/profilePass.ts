import type { JsonObject } from '../fhir/resource.ts';
import { unusableText, type Profiles } from './profiles/profile.ts';
import { vitalSignProfile } from './profiles/vitalSigns.ts';
import { isObject, NO_INDEX, type ValidationState } from './state.ts';

/** Profiles of which one resource is checked against: what claims more has lost its way. */
export const PROFILES_MAX = 50;

/** Checks resources against profiles (http://hl7.org/fhir/R4/profiling.html). */
export interface ProfilePass {
  /** Those of meta.profile. An unknown one is an error in `strict`, else a warning. */
  claimed(resource: JsonObject, state: ValidationState, depth: number): void;
  /** That of a vital sign, which R4 demands of every Observation with its code; for `$validate` alone. */
  implied(observation: JsonObject, state: ValidationState, depth: number): void;
  /** Those that the caller names, at the root, and that {@link claimed} has not checked. One that is unknown or cannot be used is an error. */
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
    implied(observation, state, depth) {
      const implied = vitalSignProfile(observation);
      if (implied === undefined || claimsOf(observation).includes(implied.canonical)) return;
      const { code, canonical } = implied;
      const errors = state.errorCount;
      check(observation, state, depth, canonical);
      if (state.errorCount === errors) return;
      const text = `By its code ${code} this is a vital sign, which R4 wants to conform to ${canonical}: see what that asks for, or correct the code.`;
      state.report('profile-implied', depth, '', NO_INDEX, text, 'information');
    },
    asked(resource, state, canonicals) {
      const claims = state.mode === 'base' ? [] : checkedAlready(resource, state);
      for (const canonical of canonicals.slice(0, PROFILES_MAX)) {
        const fault = profiles?.fault(canonical);
        if (fault !== undefined) {
          state.report('profile-unusable', 0, '', NO_INDEX, unusableText(canonical, fault));
          continue;
        }
        if (claims.includes(canonical) && profiles?.compiled(canonical) !== 'unknown') continue;
        if (check(resource, state, 0, canonical)) continue;
        const text = `The profile ${shortened(canonical)} was asked for and is not known here, so it was not checked: ${LOAD}`;
        state.report('profile-unknown', 0, '', NO_INDEX, text);
      }
    },
  };
}

/** What {@link ProfilePass.claimed} and {@link ProfilePass.implied} have checked. */
function checkedAlready(resource: JsonObject, { thorough }: ValidationState): readonly unknown[] {
  const implied = thorough && resource.resourceType === 'Observation' && vitalSignProfile(resource);
  return implied ? [...claimsOf(resource), implied.canonical] : claimsOf(resource);
}

function claimsOf({ meta }: JsonObject): readonly unknown[] {
  const claims = isObject(meta) ? meta.profile : undefined;
  return Array.isArray(claims) ? claims.slice(0, PROFILES_MAX) : [];
}

/** Characters of a canonical that are repeated to whoever has sent it. */
const CANONICAL_SHOWN_MAX = 200;
const shortened = (canonical: string): string =>
  canonical.length > CANONICAL_SHOWN_MAX
    ? `'${canonical.slice(0, CANONICAL_SHOWN_MAX)} ...'`
    : `'${canonical}'`;

const LOAD = 'load the package that has it.';
const UNKNOWN_CLAIM = `The profile is not known here, so it was not checked: ${LOAD}`;
