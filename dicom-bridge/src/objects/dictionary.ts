import dcmjs from 'dcmjs';

/** What PS3.6 says of an element. */
export interface DictionaryEntry {
  /** Group and number: 0x00100010. */
  tag: number;
  /** Value representation. */
  vr: string;
}

const TAG = /^\(([0-9A-F]{4}),([0-9A-F]{4})\)$/i;
const { nameMap } = dcmjs.data.DicomMetaDictionary;

/**
 * The element of a keyword.
 *
 * @throws RangeError when the dictionary does not have it
 */
export function entryOf(keyword: string): DictionaryEntry {
  const known = nameMap[keyword];
  const found = TAG.exec(known?.tag ?? '');
  if (!known || !found) throw new RangeError(`DICOM's dictionary has no ${keyword}.`);
  return { tag: Number.parseInt(found[1]! + found[2]!, 16), vr: known.vr };
}
