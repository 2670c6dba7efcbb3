import { URLS } from '../../data/pools.ts';
import type { Random } from '../../data/random.ts';
import type { Typed } from '../../evaluate/paths.ts';
import { escape } from '../source.ts';

/** A URI to search by; for `:below` a beginning, for `:above` something longer. URNs have no hierarchy. */
export function uriText(random: Random, { value }: Typed, modifier: string | undefined): string {
  const known = typeof value === 'string' ? value : random.pick(URLS);
  if (modifier === undefined) return escape(known);
  const url = known.startsWith('http') ? known : 'http://acme.org/fhir/ValueSet/123';
  const more = url + random.pick(['', '/', '/x/y', '4', '/_history/5']);
  const slashes = [...url.matchAll(/\//g)].map(({ index }) => index).filter((index) => index > 7);
  const less = slashes.length > 0 ? url.slice(0, random.pick(slashes) + random.below(2)) : url;
  return escape(modifier === 'below' ? random.pick([less, less, url]) : random.pick([more, more, url]));
}
