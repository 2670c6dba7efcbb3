import dcmjs from 'dcmjs';

/** Those whose length has four bytes, after two that are reserved (PS3.5 section 7.1.2). */
const LONG_FORMS: ReadonlySet<string> = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const FORMS: ReadonlySet<string> = new Set([
  ...LONG_FORMS,
  ...'AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' '),
]);
/** What the dictionary calls those that depend on other elements (PS3.6 section 6). */
const AMBIGUOUS: Readonly<Record<string, string>> = { ox: 'OW', lt: 'OW', up: 'UL', na: 'UN' };
const US_OR_SS = 'xs';

const { dictionary } = dcmjs.data.DicomMetaDictionary;

export const isForm = (vr: string): boolean => FORMS.has(vr);
export const isLongForm = (vr: string): boolean => LONG_FORMS.has(vr);
/** Bytes or words that are no text and no few numbers: bulk data where they are many. */
export const isBinary = (vr: string): boolean => (vr.startsWith('O') && FORMS.has(vr)) || vr === 'UN';

/**
 * The value representation of an element in implicit syntax: that of the dictionary, UN for what it does not have.
 *
 * @param isSigned Pixel Representation, which some depend on
 */
export function formOf(tag: number, isSigned: boolean): string {
  const vr = dictionary[keyOf(tag)]?.vr;
  if (vr === undefined) return 'UN';
  if (vr === US_OR_SS) return isSigned ? 'SS' : 'US';
  return AMBIGUOUS[vr] ?? vr;
}

/** (0028,0010) */
function keyOf(tag: number): string {
  const text = tag.toString(16).padStart(8, '0').toUpperCase();
  return `(${text.slice(0, 4)},${text.slice(4)})`;
}
