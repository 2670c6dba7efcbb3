import type { PathPorts } from '../../fhir/path/evaluate/run.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import { questionOf } from '../codes/bindings.ts';
import { Quiet } from '../profiles/compile/quiet.ts';
import type { ProfileLink } from '../profiles/compile/types.ts';
import { isObject, type ObjectCheck, type ValidationState } from '../state.ts';

/** Pairs of codings of two concepts that are compared. */
const PAIRS_MAX = 100;

/**
 * What expressions may ask (http://hl7.org/fhir/R4/fhirpath.html#functions): references are followed inside of the resource and its
 * Bundle; terminology is asked between two runs of the passes.
 */
export class StatePorts implements PathPorts {
  state: ValidationState | undefined = undefined;
  readonly #quiet = new Quiet();
  readonly #links = new WeakMap<ObjectCheck, ProfileLink>();

  resolve(reference: string): unknown {
    return this.state?.resolve(reference);
  }

  memberOf(value: unknown, _type: string, valueSet: string): boolean | undefined {
    const question = questionOf(valueSet, value);
    // A contained value set has no name by which terminology would know it.
    if (question === undefined || valueSet.startsWith('#')) return undefined;
    return this.state?.fact({ kind: 'member', question });
  }

  subsumes(value: unknown, _type: string, other: unknown): boolean | undefined {
    const [above, below] = [codingsOf(value), codingsOf(other)];
    const pairs = above.flatMap((one) =>
      below.filter(({ system }) => system === one.system).map((two) => [one, two] as const),
    );
    if (pairs.length === 0 || pairs.length > PAIRS_MAX) {
      // Concepts of other code systems have nothing to do with each other; for two codings it is an error.
      return pairs.length === 0 && isConcept(value) && isConcept(other) ? false : undefined;
    }
    const answers = pairs.map(([{ system, version, code }, two]) => {
      const question = {
        system,
        ...(typeof version === 'string' && { version }),
        codes: [code, two.code] as const,
      };
      return this.state?.fact({ kind: 'subsumption', question });
    });
    if (answers.includes(true)) return true;
    return answers.includes(undefined) ? undefined : false;
  }

  conformsTo(value: unknown, _type: string, canonical: string): boolean | undefined {
    const { state } = this;
    if (!state || !isObject(value)) return undefined;
    const check = state.profileCheck(canonical);
    if (check === undefined) return undefined;
    try {
      if (typeof value.resourceType === 'string')
        return this.#quiet.conforms(state, value, this.#link(canonical, check));
      return this.#quiet.passes(state, (scratch) => check(value, scratch, 0));
    } finally {
      this.state = state; // expressions of the profile have been evaluated meanwhile
    }
  }

  #link(canonical: string, check: ObjectCheck): ProfileLink {
    let link = this.#links.get(check);
    if (!link) this.#links.set(check, (link = { canonical, type: undefined, check }));
    return link;
  }
}

interface WholeCoding {
  system: string;
  /** Of any kind, since nobody has checked it. */
  version?: unknown;
  code: string;
}

const isConcept = (value: unknown): value is JsonObject => isObject(value) && value.coding !== undefined;

/** Those that have both system and code; a bare code does not say of which system it is. */
function codingsOf(value: unknown): WholeCoding[] {
  if (!isObject(value)) return [];
  const all: unknown[] = Array.isArray(value.coding) ? value.coding : [value];
  return all.filter(isWhole);
}

const isWhole = (coding: unknown): coding is WholeCoding & JsonObject =>
  isObject(coding) && typeof coding.system === 'string' && typeof coding.code === 'string';
