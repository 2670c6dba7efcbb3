import { expect, test } from '@jest/globals';
import { fitting, versionMatches } from '../../src/terminology/versionMatches.ts';

test.each([
  ['1.0.0', '1.0.0', true],
  ['1.0', '1.0.3', true],
  ['1.0', '1.01', false],
  ['1', '1.2.0', false],
  ['2023', '2023.1', true],
  ['1.x.x', '1.2.0', true],
  ['1.x', '1.2.0', false],
  ['1.0.0', undefined, false],
  ['http://snomed.info/sct/731000124108', 'http://snomed.info/sct/731000124108/version/20250301', true],
  ['http://snomed.info/sct/7310001241', 'http://snomed.info/sct/731000124108/version/20250301', false],
])('%s asks for %s: %s', (wanted, version, expected) => {
  expect(versionMatches(wanted, version)).toBe(expected);
});

test('a version that is there comes before others that fit it', () => {
  const own = (version: string) => version;
  expect(fitting(['1.0.1', '1.0'], '1.0', own)).toEqual(['1.0']);
  expect(fitting(['1.0.1', '2.0'], '1.0', own)).toEqual(['1.0.1']);
  expect(fitting(['1.0.1', '2.0'], undefined, own)).toEqual(['1.0.1', '2.0']);
});
