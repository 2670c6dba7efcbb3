import type { Typed } from './paths.ts';
import { list, object } from './world.ts';

const NAME_PARTS = ['family', 'given', 'prefix', 'suffix', 'text'];
const ADDRESS_PARTS = ['line', 'city', 'district', 'state', 'postalCode', 'country', 'text'];

/** The texts of an element: of names and addresses all their string parts (search.html#string). */
export function stringsOf({ type, value }: Typed): string[] {
  const parts = type === 'HumanName' ? NAME_PARTS : type === 'Address' ? ADDRESS_PARTS : undefined;
  const found = parts ? parts.flatMap((part) => list(object(value)?.[part])) : [value];
  return found.filter((one) => typeof one === 'string');
}

/** What is written for letters that some keyboards do not have. */
const SPELLINGS = 'ß=ss æ=ae œ=oe ø=o đ=d ð=d ł=l ħ=h ı=i'.split(' ').map((one) => one.split('='));

/** Case, accents, compatibility forms and the amount of white space do not count. */
export function fold(text: string): string {
  const bare = (one: string) =>
    [...one.normalize('NFKD')].filter((character) => !isAccent(character)).join('');
  const letters = bare(bare(text).toLowerCase()).toLowerCase();
  const plain = SPELLINGS.reduce((one, [letter, spelling]) => one.replaceAll(letter!, spelling!), letters);
  return plain.replace(/\s+/gu, ' ').trim();
}

const BASE_LETTERS = new Intl.Collator('en', { sensitivity: 'base' });

/** A combining character that makes no other letter of one, as vowel signs do. */
const isAccent = (character: string) =>
  /\p{M}/u.test(character) && BASE_LETTERS.compare(`e${character}`, 'e') === 0;

export const startsWith = (text: string, start: string): boolean => fold(text).startsWith(fold(start));
export const includes = (text: string, part: string): boolean => fold(text).includes(fold(part));
