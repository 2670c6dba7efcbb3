/** Encodings by the defined terms of Specific Character Set (PS3.3 section C.12.1.1.2), as WHATWG names them. */
const ENCODINGS: Readonly<Record<string, string>> = {
  '': 'windows-1252', // nothing but ASCII should come; what comes nevertheless is Latin-1, mostly
  'ISO_IR 6': 'windows-1252',
  'ISO_IR 100': 'windows-1252',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
  'ISO 2022 IR 58': 'gb18030',
  'ISO 2022 IR 87': 'iso-2022-jp',
  'ISO 2022 IR 149': 'euc-kr',
  'ISO 2022 IR 159': 'iso-2022-jp',
};
/** Those of several bytes: where one is named beside others, all of a value can be read by it. */
const MULTI_BYTE = ['ISO 2022 IR 87', 'ISO 2022 IR 159', 'ISO 2022 IR 149', 'ISO 2022 IR 58'];
/** Designations of ISO 2022 that decoders of the same bytes in their own encodings do not know. */
const DESIGNATIONS = /\x1b(?:\$\)[AC]|[()-][A-Z])/g; // eslint-disable-line no-control-regex -- escape sequences are what is looked for

/** Reads texts of an object. */
export type DecodeText = (bytes: Uint8Array) => string;

/**
 * How texts of an object are read.
 *
 * @param specificCharacterSet the values of (0008,0005), with backslashes between them; absent: the default repertoire
 */
export function textDecoder(specificCharacterSet: string | undefined): DecodeText {
  const terms = (specificCharacterSet ?? '').split('\\').map((term) => term.trim());
  const term = MULTI_BYTE.find((one) => terms.includes(one)) ?? terms[0]!;
  const encoding = ENCODINGS[term] ?? ENCODINGS[term.replace(/^ISO 2022 IR /, 'ISO_IR ')] ?? 'utf-8';
  const decoder = new TextDecoder(encoding);
  if (encoding === 'iso-2022-jp') return (bytes) => decoder.decode(bytes);
  return (bytes) => decoder.decode(withoutDesignations(bytes));
}

function withoutDesignations(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(0x1b)) return bytes;
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll(DESIGNATIONS, ''), 'latin1');
}
