import { describe, expect, test } from '@jest/globals';
import { laterFirst, parseCanonical, versionMatches } from '../../src/terminology/canonical.ts';

describe('canonicals and versions', () => {
  test('a canonical has a version behind a bar', () => {
    expect(parseCanonical('http://x/y|1.0')).toEqual({ url: 'http://x/y', version: '1.0' });
    expect(parseCanonical('http://x/y|')).toEqual({ url: 'http://x/y' });
  });

  test.each([
    ['1.0.0', '1.0.0', true],
    ['1.0', '1.0.3', true],
    ['1.0', '1.01', false],
    ['1.x.x', '1.2.0', true],
    ['1.x', '1.2.0', false],
    ['1.0.0', undefined, false],
    ['http://snomed.info/sct/731000124108', 'http://snomed.info/sct/731000124108/version/20250301', true],
    ['http://snomed.info/sct/7310001241', 'http://snomed.info/sct/731000124108/version/20250301', false],
  ])('%s asks for %s: %s', (wanted, version, expected) => {
    expect(versionMatches(wanted, version)).toBe(expected);
  });

  test('later versions come first, those without a version last', () => {
    const order = ['1.2', undefined, '1.10', '1.2.1'].map((version) => ({ version }));
    expect(order.sort((a, b) => laterFirst(a.version, b.version)).map(({ version }) => version)).toEqual([
      '1.10',
      '1.2.1',
      '1.2',
      undefined,
    ]);
  });
});
