import { BASE_MARK } from '../data/references.ts';
import type { Random } from '../data/random.ts';
import type { Pair } from './parameter.ts';

/** Separators may be encoded or not, a space may be a plus. The mark of the base is put in later. */
export function encodedAtRandom(random: Random, pairs: readonly Pair[]): string {
  return joined(pairs, (value) => {
    const readable = random.chance(0.5) ? value.replace(/%(2C|3A|2F|7C|24)/g, decodeURIComponent) : value;
    return random.chance(0.2) ? readable.replaceAll('%20', '+') : readable;
  });
}

/** Everything that may be encoded is. */
export const encodedPlainly = (pairs: readonly Pair[]): string => joined(pairs, (value) => value);

function joined(pairs: readonly Pair[], dress: (encoded: string) => string): string {
  return pairs
    .map(([name, value]) => `${encodeURIComponent(name).replaceAll('%3A', ':')}=${dress(encoded(value))}`)
    .join('&');
}

const encoded = (value: string): string =>
  encodeURIComponent(value).replaceAll(encodeURIComponent(BASE_MARK), BASE_MARK);
