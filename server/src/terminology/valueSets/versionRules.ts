import { parseCanonical, type Canonical } from '../../fhir/canonical.ts';
import { versionMatches } from '../versionMatches.ts';
import { TerminologyError } from '../issue.ts';

/** What a request says about versions of code systems and value sets (http://hl7.org/fhir/R4/valueset-operation-expand.html). */
export interface VersionRules {
  /** `system-version`: where nothing says which. */
  defaults: readonly Canonical[];
  /** `check-system-version`: none other is allowed. */
  checks: readonly Canonical[];
  /** `force-system-version`: whatever the value set says. */
  forced: readonly Canonical[];
  /** `default-valueset-version`. */
  valueSets: readonly Canonical[];
}

export const NO_RULES: VersionRules = { defaults: [], checks: [], forced: [], valueSets: [] };

export const canonicals = (texts: readonly string[]): Canonical[] => texts.map(parseCanonical);

const versionFor = (list: readonly Canonical[], url: string): string | undefined =>
  list.find((one) => one.url === url)?.version;

/** The version of a code system that an include means, and whether a rule changed it. */
export function includedVersion(
  { defaults, checks, forced }: VersionRules,
  system: string,
  said: string | undefined,
): string | undefined {
  return versionFor(forced, system) ?? said ?? versionFor(defaults, system) ?? versionFor(checks, system);
}

/** The version of a value set that a reference without one means. */
export const valueSetVersion = ({ valueSets }: VersionRules, url: string): string | undefined =>
  versionFor(valueSets, url);

/** What is wrong with the use of a version; undefined: it may be used. */
export function versionFault(
  { checks }: VersionRules,
  system: string,
  version: string | undefined,
): TerminologyError | undefined {
  const required = versionFor(checks, system);
  if (required === undefined || version === undefined || versionMatches(required, version)) return undefined;
  return new TerminologyError('unprocessable', {
    severity: 'error',
    code: 'exception',
    type: 'version-error',
    id: 'VALUESET_VERSION_CHECK',
    text: `The version '${version}' is not allowed for system '${system}': required to be '${required}' by a version-check parameter`,
  });
}
