/**
 * What the current version of a resource must be for a write to be done: this one (0: there must be none), one of these, or any that there
 * is (`*`).
 */
export type ExpectedVersion = number | readonly number[] | '*';

/** @param version the current one; 0: there is none */
export function meets(expected: ExpectedVersion, version: number): boolean {
  if (typeof expected === 'number') return expected === version;
  return expected === '*' ? version > 0 : expected.includes(version);
}

/** The same for PostgreSQL, as an int4multirange. */
export function versionRanges(expected: ExpectedVersion): string {
  if (expected === '*') return '{[1,)}';
  const versions = typeof expected === 'number' ? [expected] : expected;
  return `{${versions.map((version) => `[${version},${version}]`).join(',')}}`;
}
