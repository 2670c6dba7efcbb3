import { canonicalText, parseCanonical } from '../../fhir/canonical.ts';
import type { Hl7Resource } from './hl7Sources.ts';

/**
 * Whose versions a value set of HL7's later terminology means: those that it was published with. Without them R4's own would be
 * taken, which lack codes that it names; and many of its tables of v2 name a version that the package does not have.
 */
export interface PublishedVersions {
  /** Versions of the same package, by type and URL. */
  later: ReadonlyMap<string, string>;
  /** Type and URL of what R4 has itself. */
  r4: ReadonlySet<string>;
}

export const typeAndUrl = (type: string, url: string): string => `${type} ${url}`;

/** A value set whose parts say which versions they are of, where another would be taken else. Others stay the same object. */
export function withNamedVersions(valueSet: Hl7Resource, published: PublishedVersions): Hl7Resource {
  const compose = valueSet.compose as Compose | undefined;
  if (compose === undefined) return valueSet;
  const named = (parts: Part[] | undefined) => parts?.map((part) => namedPart(part, published));
  const [include, exclude] = [named(compose.include), named(compose.exclude)];
  return { ...valueSet, compose: { ...compose, ...(include && { include }), ...(exclude && { exclude }) } };
}

interface Compose {
  include?: Part[];
  exclude?: Part[];
}

interface Part {
  system?: string;
  version?: string;
  valueSet?: string[];
}

function namedPart(part: Part, { later, r4 }: PublishedVersions): Part {
  const { system = '', version, valueSet } = part;
  const ofSystem = typeAndUrl('CodeSystem', system);
  const published = later.get(ofSystem);
  const isMeant = version !== undefined || r4.has(ofSystem);
  return {
    ...part,
    ...(published !== undefined && isMeant && { version: published }),
    ...(valueSet && { valueSet: valueSet.map((one) => namedValueSet(one, { later, r4 })) }),
  };
}

function namedValueSet(canonical: string, { later, r4 }: PublishedVersions): string {
  const { url, version } = parseCanonical(canonical);
  const key = typeAndUrl('ValueSet', url);
  const published = later.get(key);
  const isMeant = version !== undefined || r4.has(key);
  return published !== undefined && isMeant ? canonicalText({ url, version: published }) : canonical;
}
