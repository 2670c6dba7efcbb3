/** A canonical URL and the version that it names (http://hl7.org/fhir/R4/references.html#canonical). */
export interface Canonical {
  url: string;
  version?: string;
}

/** In the URL of an expression of SNOMED CT terms stand between bars, and editions in front. */
const EXPRESSION = '?fhir_vs=ecl/';

export function parseCanonical(text: string): Canonical {
  const bar = text.indexOf('|');
  if (bar < 0 || text.lastIndexOf(EXPRESSION, bar) >= 0) return { url: text };
  const version = text.slice(bar + 1);
  return { url: text.slice(0, bar), ...(version !== '' && { version }) };
}

export const canonicalText = ({ url, version }: Canonical): string =>
  version === undefined ? url : `${url}|${version}`;

/** Later versions first: numbers by their size, all else as text; none is the earliest. */
export function laterFirst(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined)
    return Number(one === undefined) - Number(other === undefined);
  const [a, b] = [one.split(/[.-]/), other.split(/[.-]/)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x = '', y = ''] = [a[i], b[i]];
    if (x === y) continue;
    if (/^\d+$/.test(x) && /^\d+$/.test(y)) {
      if (Number(x) !== Number(y)) return Number(y) - Number(x);
    } else return x < y ? 1 : -1;
  }
  return 0;
}
