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
