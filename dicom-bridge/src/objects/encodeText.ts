/** Encodes text of a data set. */
export type EncodeText = (text: string) => Buffer;

export const UNICODE = 'ISO_IR 192';
export const LATIN_1 = 'ISO_IR 100';

const LATIN_1_MAX = 0xff;
const ASCII_MAX = 0x7f;
/** Letters that no accent can be taken from. */
const SPELLINGS: Readonly<Record<string, string>> = {
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ł: 'l',
  Ł: 'L',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  ı: 'i',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
};

/**
 * How texts are written under a Specific Character Set (PS3.3 section C.12.1.1.2). What a set has no character for stays readable: a letter
 * without its accent, or `?`.
 *
 * @param specificCharacterSet UNICODE, LATIN_1, or anything else for the default repertoire
 */
export function textEncoder(specificCharacterSet: string): EncodeText {
  if (specificCharacterSet === UNICODE) return (text) => Buffer.from(text, 'utf8');
  const codeMax = specificCharacterSet === LATIN_1 ? LATIN_1_MAX : ASCII_MAX;
  return (text) => Buffer.from(isWithin(text, codeMax) ? text : spelled(text, codeMax), 'latin1');
}

const isWithin = (text: string, codeMax: number): boolean => {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > codeMax) return false;
  return true;
};

function spelled(text: string, codeMax: number): string {
  const characters = [...text.normalize('NFC')];
  return characters.map((one) => (isWithin(one, codeMax) ? one : plain(one, codeMax))).join('');
}

function plain(character: string, codeMax: number): string {
  const bare = SPELLINGS[character] ?? character.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return bare !== '' && isWithin(bare, codeMax) ? bare : '?';
}
