import { describe, expect, test } from '@jest/globals';
import {
  ACCESSION_NUMBER_CHARS,
  ACCESSION_NUMBER_LIMIT,
  accessionNumber,
  isOwnAccessionNumber,
  normalizeAccessionNumber,
} from '../../src/identifiers/accessionNumber.ts';

const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const replaceAt = (text: string, at: number, by: string): string =>
  text.slice(0, at) + by + text.slice(at + 1);

/**
 * ISO/IEC 7064 MOD 37,36 as the standard words the check, over the whole string: the running product must end
 * congruent to 1 modulo 36. Written apart from the code under test, which computes the character instead.
 */
function passesIso7064(text: string): boolean {
  let product = 36;
  for (const character of text.slice(0, -1)) {
    let sum = product + CHARACTERS.indexOf(character);
    if (sum > 36) sum -= 36;
    product = (2 * sum) % 37;
  }
  return (product + CHARACTERS.indexOf(text.slice(-1))) % 36 === 1;
}

describe('accession numbers', () => {
  test('have 16 characters, differ, and pass the check of ISO 7064', () => {
    const numbers = [0n, 1n, 31n, 32n, 123_456_789n, ACCESSION_NUMBER_LIMIT - 1n];
    const made = numbers.map((number) => accessionNumber('ZRH', number));
    for (const each of made) {
      expect(each).toHaveLength(ACCESSION_NUMBER_CHARS);
      expect(isOwnAccessionNumber(each)).toBe(true);
      expect(passesIso7064(each)).toBe(true);
    }
    expect(new Set(made).size).toBe(numbers.length);
  });

  test('show every single wrong character', () => {
    const good = accessionNumber('B07', 987_654_321_012n);
    for (let at = 0; at < good.length; at++) {
      for (const by of CHARACTERS) {
        if (by !== good[at]) expect(isOwnAccessionNumber(replaceAt(good, at, by))).toBe(false);
      }
    }
  });

  test('show a swap of neighbours', () => {
    expect(isOwnAccessionNumber(accessionNumber('AB1', 5n))).toBe(true);
    const good = accessionNumber('AB1', 5n);
    expect(isOwnAccessionNumber(`BA${good.slice(2)}`)).toBe(false);
  });

  test.each(['', 'RIS-2026-0001', 'abc000000000000X', '12345678901234567'])('do not include %p', (text) =>
    expect(isOwnAccessionNumber(text)).toBe(false),
  );

  test('are found again however they are typed', () => {
    const good = accessionNumber('ZRH', 42n);
    const typed = ` ${good.slice(0, 3).toLowerCase()}-${good.slice(3, 9)} ${good.slice(9)}`;
    expect(normalizeAccessionNumber(typed)).toBe(good);
  });

  test.each<[string, bigint]>([
    ['zrh', 1n],
    ['ZRHX', 1n],
    ['ZRH', -1n],
    ['ZRH', ACCESSION_NUMBER_LIMIT],
  ])('cannot be made for site %s and number %s', (site, number) =>
    expect(() => accessionNumber(site, number)).toThrow(RangeError),
  );
});
