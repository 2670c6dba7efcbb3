import type { JsonObject } from '../../../fhir/resource.ts';
import { ValidationState } from '../../state.ts';
import type { ProfileLink, QuietChecks } from './types.ts';

/** Checks inside of checks: a slice told by a profile, a target that refers to another. Deeper ones count as passed. */
export const QUIET_DEPTH_MAX = 16;

/** Makes quiet checks, one at a time, as all of validation. */
export class Quiet implements QuietChecks {
  readonly #states: ValidationState[] = [];
  #depth = 0;
  /** Resources that are being looked at: what leads back to one of them is decided there. */
  readonly #underWay = new Map<JsonObject, Set<ProfileLink>>();

  passes(at: ValidationState, check: (scratch: ValidationState) => void): boolean {
    if (this.#depth >= QUIET_DEPTH_MAX) return true;
    const scratch = (this.#states[this.#depth] ??= new ValidationState());
    this.#depth += 1;
    try {
      scratch.beginInside(at);
      check(scratch);
      return !scratch.end().issues.some(({ severity }) => severity === 'error');
    } finally {
      at.budget.left = scratch.budget.left;
      this.#depth -= 1;
    }
  }

  conforms(at: ValidationState, target: JsonObject, link: ProfileLink): boolean {
    const { check } = link;
    if (check === undefined) return true;
    const links = this.#underWay.get(target) ?? new Set();
    if (links.has(link) || this.#depth >= QUIET_DEPTH_MAX) return true;
    const known = at.conformance?.get(target)?.get(link);
    if (known !== undefined) return known;
    this.#underWay.set(target, links.add(link));
    try {
      const result = this.passes(at, (scratch) => {
        scratch.resource = target;
        // What is contained finds its neighbours in what contains it.
        if (!isContained(at.container, target)) scratch.container = target;
        check(target, scratch, 0);
      });
      remember(at, target, link, result);
      return result;
    } finally {
      links.delete(link);
      if (links.size === 0) this.#underWay.delete(target);
    }
  }
}

const isContained = ({ contained }: JsonObject, target: JsonObject): boolean =>
  Array.isArray(contained) && contained.includes(target);

function remember(at: ValidationState, target: JsonObject, link: ProfileLink, result: boolean): void {
  at.conformance ??= new Map();
  const known = at.conformance.get(target);
  if (known) known.set(link, result);
  else at.conformance.set(target, new Map([[link, result]]));
}
