import { describe, expect, test } from '@jest/globals';
import {
  ACCESSION_NUMBER_CHARS,
  ACCESSION_NUMBER_LIMIT,
  accessionNumber,
} from '../../../src/records/orders/accessionNumber.ts';

const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

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
      expect(passesIso7064(each)).toBe(true);
    }
    expect(new Set(made).size).toBe(numbers.length);
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
