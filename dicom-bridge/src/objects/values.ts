import type { Values } from './dataSet.ts';

/** The values of an element as text, without spaces around them; none where it is empty or absent. Names have their alphabetic form, or the first there is. */
export function textsOf(values: Values, keyword: string): string[] {
  const value = values[keyword];
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.map(asText).filter((text) => text !== '');
}

/** The first of them. */
export const textOf = (values: Values, keyword: string): string | undefined => textsOf(values, keyword)[0];

/** The items of a sequence; none where it is empty, absent or no sequence. */
export function itemsOf(values: Values, keyword: string): Values[] {
  const value = values[keyword];
  return Array.isArray(value) ? value.filter(isItem) : [];
}

function isItem(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll('\0', '').trim();
  if (typeof value === 'number') return String(value);
  return isItem(value) ? nameText(value) : '';
}

function nameText({ Alphabetic: alphabetic, Ideographic: ideographic, Phonetic: phonetic }: Values): string {
  const form = [alphabetic, ideographic, phonetic].find(
    (one) => typeof one === 'string' && one.trim() !== '',
  );
  return typeof form === 'string' ? form.trim() : '';
}
