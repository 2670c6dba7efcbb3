import type { DataSet, Value, Values } from '../objects/dataSet.ts';
import { findEntry } from '../objects/dictionary.ts';
import { itemsOf } from '../objects/values.ts';

/** They are no keys: they say how the query itself is to be read. */
const ABOUT_THE_QUERY: ReadonlySet<string> = new Set(['SpecificCharacterSet', 'TimezoneOffsetFromUTC']);

/**
 * Of a data set, what a query asks for (PS3.4 section C.2.2.1.3): what is not known is empty. An empty sequence asks for all of its items.
 */
export function pickKeys(query: Values, from: DataSet): DataSet {
  const picked: Record<string, Value> = {};
  for (const keyword of Object.keys(query)) {
    const { vr } = findEntry(keyword) ?? {};
    if (vr === undefined || ABOUT_THE_QUERY.has(keyword)) continue;
    picked[keyword] = vr === 'SQ' ? pickItems(query, keyword, from) : (from[keyword] ?? '');
  }
  return picked;
}

function pickItems(query: Values, keyword: string, from: DataSet): readonly DataSet[] {
  const items = (from[keyword] ?? []) as readonly DataSet[];
  const [asked] = itemsOf(query, keyword);
  return asked ? items.map((item) => pickKeys(asked, item)) : items;
}
