import type { DecodeText } from '../objects/characterSet.ts';
import { numberReader } from '../stored/storedDataSet.ts';

export interface ValueContext {
  isLittleEndian: boolean;
  decode: DecodeText;
}

/** Of which an element has one value only, in which a backslash means itself (PS3.5 section 6.2). */
const SINGLE: ReadonlySet<string> = new Set(['ST', 'LT', 'UT', 'UR']);
/** In which spaces at the front mean something. */
const LEADING_SPACES: ReadonlySet<string> = new Set(['ST', 'LT', 'UT']);
const FORMS_OF_NAME = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;

/** The values of an element that is neither binary nor a sequence, as JSON has them (PS3.18 table F.2.3-1). Empty ones are null. */
export function jsonValues(vr: string, bytes: Buffer, { isLittleEndian, decode }: ValueContext): unknown[] {
  if (vr === 'AT') return tags(bytes, isLittleEndian);
  const numbers = numberReader(vr, isLittleEndian);
  if (numbers) return numbers(bytes).map(jsonNumber);
  const text = decode(bytes).replaceAll('\0', '');
  const texts = SINGLE.has(vr) ? [text] : text.split('\\');
  const values = texts.map((one) => jsonText(vr, one));
  return values.every((one) => one === null) ? [] : values;
}

function jsonText(vr: string, text: string): unknown {
  const value = LEADING_SPACES.has(vr) ? text.trimEnd() : text.trim();
  if (value === '') return null;
  if (vr === 'PN') return personName(value);
  return vr === 'DS' || vr === 'IS' ? decimal(value) : value;
}

/** As a number; as the text that it is where it is none, which readers are told to expect. */
function decimal(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

/** Integers that JSON readers would round are texts; so is what JSON has no numbers for. */
function jsonNumber(value: number | bigint): number | string {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function personName(text: string): Record<string, string> | null {
  const forms = text.split('=').map((one) => one.trim());
  const named = FORMS_OF_NAME.flatMap((form, at) => (forms[at] ? [[form, forms[at]] as const] : []));
  return named.length === 0 ? null : Object.fromEntries(named);
}

function tags(bytes: Buffer, isLittleEndian: boolean): string[] {
  const words = (numberReader('US', isLittleEndian)!(bytes) as number[]).map((word) =>
    word.toString(16).padStart(4, '0'),
  );
  return Array.from({ length: Math.floor(words.length / 2) }, (_, at) =>
    `${words[at * 2]}${words[at * 2 + 1]}`.toUpperCase(),
  );
}
