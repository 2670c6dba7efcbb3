import { expect, test } from '@jest/globals';
import { RULED_CODES } from '../../../src/validation/codes/boundCodes.ts';

const ISO_4217 = 'urn:iso:std:iso:4217';
const currencies = RULED_CODES['http://hl7.org/fhir/ValueSet/currencies']!;

test.each([
  ['EUR', true],
  ['USN', true],
  ['DEM', true],
  ['XXX', true],
  ['eur', false],
  ['QQQ', false],
])('may a currency be %s: %s', (code, isOne) => {
  expect(currencies.hasCode(code)).toBe(isOne);
  expect(currencies.hasCoding(ISO_4217, code)).toBe(isOne);
});

test('a currency is of ISO 4217', () => {
  expect(currencies.hasCoding('http://example.org', 'EUR')).toBe(false);
});
