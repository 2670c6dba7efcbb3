import { expect, test } from '@jest/globals';
import { versionMatches } from '../../src/terminology/versionMatches.ts';

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
