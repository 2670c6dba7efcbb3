/** A canonical URL and the version that it names (http://hl7.org/fhir/R4/references.html#canonical). */
export interface Canonical {
  url: string;
  version?: string;
}

export function parseCanonical(text: string): Canonical {
  const bar = text.indexOf('|');
  if (bar < 0) return { url: text };
  const version = text.slice(bar + 1);
  return { url: text.slice(0, bar), ...(version !== '' && { version }) };
}

export const canonicalText = ({ url, version }: Canonical): string =>
  version === undefined ? url : `${url}|${version}`;

/**
 * Whether a version is one of those that were asked for: the same, or with `x` or `*` in place of parts (`1.x.x`), or one that it
 * begins with up to a dot (`1.0` asks for `1.0.3` too), or of the edition of SNOMED CT that was named.
 */
export function versionMatches(wanted: string, version: string | undefined): boolean {
  if (version === undefined) return false;
  if (wanted === version) return true;
  const parts = wanted.split('.');
  if (!parts.some((part) => part === 'x' || part === '*'))
    return version.startsWith(`${wanted}.`) || version.startsWith(`${wanted}/version/`);
  const found = version.split('.');
  return (
    parts.length === found.length &&
    parts.every((part, i) => part === 'x' || part === '*' || part === found[i])
  );
}

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
