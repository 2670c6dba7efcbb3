import { parseCanonical } from '../../fhir/canonical.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { Coding } from '../model.ts';
import { objects, string } from '../systems/readCodeSystem.ts';
import type { Match } from './match.ts';
import type { Dependency } from './request.ts';

const REVERSED: Record<string, string> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};
/** R5's words for what R4 says. */
const OF_RELATIONSHIP: Record<string, string> = {
  equivalent: 'equivalent',
  'related-to': 'relatedto',
  'source-is-narrower-than-target': 'wider',
  'source-is-broader-than-target': 'narrower',
  'not-related-to': 'disjoint',
};

/** Of a canonical, without its version. */
export const canonicalUrl = (value: unknown): string | undefined =>
  typeof value === 'string' ? parseCanonical(value).url : undefined;

/** What the elements of a group map a code to. */
export function forwardMatches(
  group: JsonObject,
  { code }: Coding,
  map: string,
  dependencies: readonly Dependency[],
): Match[] {
  const elements = objects(group.element).filter((element) => element.code === code);
  const targets = elements.flatMap(({ target }) => objects(target)).filter((one) => holds(one, dependencies));
  return targets.map((one) => ({
    equivalence: equivalenceOf(one),
    ...(one.code !== undefined && { concept: conceptOf(group.target, group.targetVersion, one) }),
    map,
    products: objects(one.product).map((product) => ({
      element: string(product.property) ?? '',
      concept: conceptOf(product.system, undefined, { code: product.value, display: product.display }),
    })),
  }));
}

/**
 * Whether a mapping may hold by what it depends on (http://hl7.org/fhir/R4/conceptmap-definitions.html, `dependsOn`): elements of which
 * the caller says nothing are left to who reads the map.
 */
const holds = (target: JsonObject, dependencies: readonly Dependency[]): boolean =>
  objects(target.dependsOn).every(({ property, system, value }) => {
    const said = dependencies.filter(({ element }) => element === property);
    const isValue = (coding: Coding) =>
      coding.code === value && (system === undefined || coding.system === system);
    return said.length === 0 || said.some(({ codings }) => codings.some(isValue));
  });

/** What the elements of a group map to a code. */
export function reverseMatches(group: JsonObject, { code }: Coding, map: string): Match[] {
  return objects(group.element).flatMap((element) =>
    objects(element.target)
      .filter((target) => target.code === code)
      .map((target) => {
        const equivalence = equivalenceOf(target);
        return {
          equivalence: REVERSED[equivalence] ?? equivalence,
          concept: conceptOf(group.source, group.sourceVersion, element),
          map,
          products: [],
        };
      }),
  );
}

const equivalenceOf = ({ equivalence, relationship }: JsonObject): string =>
  string(equivalence) ?? OF_RELATIONSHIP[string(relationship) ?? ''] ?? 'relatedto';

/** A code of a group as a Coding. */
export function conceptOf(system: unknown, version: unknown, { code, display }: JsonObject): Coding {
  const url = canonicalUrl(system);
  return {
    ...(url !== undefined && { system: url }),
    ...(typeof version === 'string' && { version }),
    ...(typeof code === 'string' && { code }),
    ...(typeof display === 'string' && { display }),
  };
}
