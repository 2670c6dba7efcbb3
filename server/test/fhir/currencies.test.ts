import { expect, test } from '@jest/globals';
import { currencyCodes, currencyName } from '../../src/fhir/currencies.ts';

test.each([
  ['in use', 'EUR'],
  ['withdrawn', 'DEM'],
  ['a fund', 'CHW'],
  ['gold', 'XAU'],
  ['no currency', 'XXX'],
])('%s: %s is a code of ISO 4217', (_what, code) => {
  expect(currencyName(code)).toEqual(expect.any(String));
});

test.each([['eur'], ['EU'], ['EURO'], ['QQQ'], ['CNH'], [''], ['$']])('%s is none', (code) => {
  expect(currencyName(code)).toBeUndefined();
});

test('all of them, each once, in order', () => {
  const codes = currencyCodes();
  expect(codes).toEqual([...new Set(codes)].sort());
  expect(codes).toEqual(expect.arrayContaining(['AED', 'DEM', 'XXX', 'ZWL']));
  expect(codes.length).toBeGreaterThan(290);
});
