/**
 * Accession numbers: what ties the images of an examination to its order (DICOM 0008,0050, value representation
 * SH: at most 16 characters). Consoles let people type them, so ours end in a check character:
 *
 *   site (3 characters) + number (12 characters, base 32) + check character (ISO/IEC 7064 MOD 37,36)
 *
 * The check finds every single wrong character and almost every swap of two neighbours. The number avoids the
 * letters I, L, O and U, which are misread for others.
 */

/** DICOM PS3.5 section 6.2, value representation SH. */
export const ACCESSION_NUMBER_CHARS = 16;
/** One above the largest number that fits. */
export const ACCESSION_NUMBER_LIMIT = 32n ** 12n;

const NUMBER_CHARS = 12;
const NUMBER_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SITE = /^[0-9A-Z]{3}$/;
const MODULUS = 36;

/**
 * The accession number of the n-th order of a site. Throws RangeError unless `site` is three digits or capital
 * letters and `number` is from 0 to ACCESSION_NUMBER_LIMIT - 1.
 */
export function accessionNumber(site: string, number: bigint): string {
  if (!SITE.test(site)) throw new RangeError('A site is three digits or capital letters.');
  if (number < 0n || number >= ACCESSION_NUMBER_LIMIT) throw new RangeError('The number does not fit.');
  let digits = '';
  for (let rest = number; digits.length < NUMBER_CHARS; rest /= 32n) {
    digits = NUMBER_ALPHABET.charAt(Number(rest % 32n)) + digits;
  }
  const body = site + digits;
  return body + checkCharacter(body);
}

/** ISO/IEC 7064 MOD 37,36 over digits and capital letters. */
function checkCharacter(body: string): string {
  let carry = MODULUS;
  for (const character of body) {
    const sum = (carry + parseInt(character, MODULUS)) % MODULUS || MODULUS;
    carry = (sum * 2) % (MODULUS + 1);
  }
  const check = (MODULUS + 1 - carry) % MODULUS;
  return check.toString(MODULUS).toUpperCase();
}
