/**
 * Whether a version is one of those that were asked for: the same, or with `x` or `*` in place of parts (`1.x.x`), or one that it
 * begins with up to a dot (`1.0` asks for `1.0.3` too; `1` alone does not for a version of three numbers), or of the edition of
 * SNOMED CT that was named.
 */
export function versionMatches(wanted: string, version: string | undefined): boolean {
  if (version === undefined) return false;
  if (wanted === version) return true;
  const parts = wanted.split('.');
  if (!parts.some(isWildcard))
    return isBeginning(wanted, version) || version.startsWith(`${wanted}/version/`);
  const found = version.split('.');
  return parts.length === found.length && parts.every((part, i) => isWildcard(part) || part === found[i]);
}

/** Those of a version that was asked for: it itself before others that fit it (`1.0` before `1.0.3`); without one, all. */
export function fitting<T>(
  all: readonly T[],
  wanted: string | undefined,
  versionOf: (one: T) => string | undefined,
): readonly T[] {
  if (wanted === undefined) return all;
  const exact = all.filter((one) => versionOf(one) === wanted);
  return exact.length > 0 ? exact : all.filter((one) => versionMatches(wanted, versionOf(one)));
}

/** Whether versions may answer to it that are written otherwise. */
export const isVersionPattern = (version: string): boolean => version.split('.').some(isWildcard);

const isWildcard = (part: string): boolean => part === 'x' || part === '*';

/** Semantic versions have a major and a minor number at least (https://semver.org): the first alone names none. */
const isBeginning = (wanted: string, version: string): boolean =>
  version.startsWith(`${wanted}.`) && !(/^\d+$/.test(wanted) && /^\d+\.\d+\.\d/.test(version));
