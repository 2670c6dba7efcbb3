import { IDENTIFIER_SYSTEMS, IDENTIFIER_VALUES } from './pools.ts';
import type { Random } from './random.ts';

/** Stands for the server's own base, which is only known when it runs. */
export const BASE_MARK = '{base}';

/** First version that no resource has: those that there are depend on how often the world was written. */
const ABSENT_VERSION = 8;

/** The resources that there will be: ids by type. */
export type Plan = ReadonlyMap<string, readonly string[]>;

/** What a resource contains, by the local id that references use. */
export type Contained = readonly { resourceType: string; id: string }[];

/**
 * A reference of one of the forms of http://hl7.org/fhir/R4/references.html: most point at a resource that exists,
 * some at a version of it that is not there, at another server, at what is contained, at nothing, or name an identifier only.
 *
 * @param targets types that the element allows; absent: all that there are
 */
export function reference(
  random: Random,
  plan: Plan,
  contained: Contained,
  targets: readonly string[] | undefined,
): object {
  const known = (targets ?? [...plan.keys()]).filter((type) => plan.has(type));
  const type = known.length > 0 ? random.pick(known) : (targets?.[0] ?? 'Patient');
  const local = `${type}/${random.pick(plan.get(type) ?? ['nowhere'])}`;
  const inside = contained.filter(({ resourceType }) => targets?.includes(resourceType) ?? true);
  if (inside.length > 0 && random.chance(0.4)) return { reference: `#${random.pick(inside).id}` };
  const form = random.weighted<() => object>([
    [70, () => ({ reference: local })],
    [4, () => ({ reference: local, type })],
    [6, () => ({ reference: `${BASE_MARK}/${local}` })],
    [5, () => ({ reference: `${local}/_history/${ABSENT_VERSION + random.below(2)}` })],
    [4, () => ({ reference: `http://other.example/fhir/${local}` })],
    [2, () => ({ reference: `${type}/missing${random.below(3)}` })],
    [2, () => ({ reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' })],
    [2, () => ({ display: 'somebody' })],
  ]);
  const found = form();
  return random.chance(0.12) ? { ...found, identifier: logicalIdentifier(random) } : found;
}

function logicalIdentifier(random: Random): object {
  const value = random.pick(IDENTIFIER_VALUES);
  return random.chance(0.7) ? { system: random.pick(IDENTIFIER_SYSTEMS), value } : { value };
}

/** Canonical URLs of the n-th artefact of a type: what conformance resources have, and canonicals name. */
export const canonicalUrl = (type: string, n: number): string => `http://acme.org/fhir/${type}/${n}`;
/** As many different ones of each type. */
export const CANONICALS = 4;
