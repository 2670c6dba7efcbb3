import { describe, expect, test } from '@jest/globals';
import { laterFirst, parseCanonical } from '../../src/fhir/canonical.ts';

describe('canonicals and versions', () => {
  test('a canonical has a version behind a bar', () => {
    expect(parseCanonical('http://x/y|1.0')).toEqual({ url: 'http://x/y', version: '1.0' });
    expect(parseCanonical('http://x/y|')).toEqual({ url: 'http://x/y' });
    const expression = 'http://snomed.info/sct?fhir_vs=ecl/<< 22298006 |Infarct| OR 1';
    expect(parseCanonical(expression)).toEqual({ url: expression });
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
