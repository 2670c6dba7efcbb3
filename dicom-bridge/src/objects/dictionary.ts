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

const entries: ReadonlyMap<string, DictionaryEntry> = new Map(
  Object.entries(nameMap).flatMap(([keyword, entry]) => {
    const found = TAG.exec(entry?.tag ?? '');
    if (!entry || !found) return []; // a whole range of groups
    return [[keyword, { tag: Number.parseInt(found[1]! + found[2]!, 16), vr: entry.vr }]];
  }),
);

/** The element of a keyword; undefined where the dictionary does not have it. */
export const findEntry = (keyword: string): DictionaryEntry | undefined => entries.get(keyword);

/**
 * The same of a keyword that is known to exist.
 *
 * @throws RangeError when it does not
 */
export function entryOf(keyword: string): DictionaryEntry {
  const entry = findEntry(keyword);
  if (!entry) throw new RangeError(`DICOM's dictionary has no ${keyword}.`);
  return entry;
}
