import { fhirError } from '../../fhir/outcome.ts';

/** A FHIR package: `hl7.fhir.us.core`, `6.1.0`. */
export interface PackageId {
  name: string;
  version: string;
}

/** A package that is asked for; the version may be absent, `latest`, or end with `.x`. */
export interface PackageWish {
  name: string;
  version?: string;
}

const NAME = /^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+$/i;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+_-]{0,99}$/;
const NAME_LENGTH_MAX = 200;

/** Packages that the server has already: R4's own definitions and HL7's terminology, under all their names. */
const BUILT_IN = /^hl7\.(fhir\.(r4\.core|r4\.expansions|core)|terminology(\.r4)?)$/;

/**
 * `NAME@VERSION`, as packages are named on the command line (`#` does as well).
 *
 * @throws FhirError `incorrect` when it is no name of a package; neither part can lead out of a folder
 */
export function parsePackageWish(text: string): PackageWish {
  const [, name = '', version] = /^([^@#]*)(?:[@#](.*))?$/.exec(text) ?? [];
  const isFine = isName(name) && (version === undefined || isVersion(version));
  if (!isFine)
    throw fhirError(
      'incorrect',
      'value',
      'A package is named NAME@VERSION, as hl7.fhir.us.core@6.1.0, or is a .tgz file that is there.',
    );
  return version === undefined ? { name } : { name, version };
}

/** Whether a text means a file and no name. */
export const isArchive = (text: string): boolean => /\.(tgz|tar\.gz)$/.test(text);

export const isName = (text: string): boolean => text.length <= NAME_LENGTH_MAX && NAME.test(text);
export const isVersion = (text: string): boolean => VERSION.test(text) && !text.includes('..');
export const isBuiltIn = ({ name }: PackageWish): boolean => BUILT_IN.test(name);
export const packageText = ({ name, version }: PackageWish): string =>
  version === undefined ? name : `${name}@${version}`;

/** Whether the version says exactly which package is meant. */
export const isExact = ({ version }: PackageWish): boolean =>
  version !== undefined && version !== 'latest' && !/(^|\.)[xX*]$/.test(version);

/** The latest of some versions that a wish allows: of `6.1.x`, those that begin with `6.1.`. Releases come before previews. */
export function chosenVersion(wish: PackageWish, versions: readonly string[]): string | undefined {
  const { version = 'latest' } = wish;
  const start = version === 'latest' ? '' : version.replace(/[xX*]$/, '');
  const fitting = versions.filter((one) => isVersion(one) && one.startsWith(start));
  const releases = fitting.filter((one) => !one.includes('-'));
  return (releases.length > 0 ? releases : fitting).sort(byNumbers).at(-1);
}

function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
