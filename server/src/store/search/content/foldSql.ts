import { ACCENT_RANGES, charactersToFold } from '../../../fhir/accents.ts';
import { PLAIN_LETTERS, withPlainLetters } from '../../../fhir/plainLetters.ts';
import { FOLDED_CHARS_MAX, STRING_CHARS_MAX } from '../../index/fold.ts';
import type { SqlParameters } from '../sqlParameters.ts';

/** As JavaScript's \s, in PostgreSQL's regular expressions. */
const WHITE_SPACE =
  '[\\u0009-\\u000d\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]+';

/**
 * SQL that folds a text as `foldString` does, whatever the locale of the database: what counts as an accent, and the lower
 * case of a letter, are this program's. Only the decompositions are PostgreSQL's, whose Unicode version may be an older one.
 *
 * @param column it is written several times
 */
export function foldSql(column: string, parameters: SqlParameters): string {
  // PostgreSQL decomposes in the square of the marks that follow each other, and no limit of time ends that.
  const text = `left(${column}, ${FOLDED_CHARS_MAX})`;
  const [accents, upper, lower] = [ACCENTS, CASES.upper, CASES.lower].map(
    (value) => `${parameters.add(value)}::text`,
  );
  const round = (value: string) =>
    `translate(regexp_replace(normalize(${value}, NFKD), ${accents}, '', 'g'), ${upper}, ${lower})`;
  const folded = spelledOut(round(round(text)));
  const letters = `CASE WHEN octet_length(${text}) = length(${text}) THEN ${text} ELSE ${folded} END`;
  const spaced = `btrim(regexp_replace(lower((${letters}) COLLATE "C"), '${WHITE_SPACE}', ' ', 'g'))`;
  return `rtrim(left(${spaced}, ${STRING_CHARS_MAX}))`;
}

/** A bracket expression. */
const ACCENTS = bracket(ACCENT_RANGES);

/** The letters that fold to two. */
const spelledOut = (text: string): string =>
  [...PLAIN_LETTERS]
    .filter(([, plain]) => plain.length > 1)
    .reduce((sql, [letter, plain]) => `replace(${sql}, '${letter}', '${plain}')`, text);

/** Letters outside ASCII with their lower case, or the one letter that they fold to, position by position. */
const CASES = casePairs();

function casePairs(): { upper: string; lower: string } {
  let [upper, lower] = ['ς', 'σ'];
  for (const character of charactersToFold()) {
    const small = character === 'Σ' ? 'σ' : inOneLetter(character.toLowerCase());
    // The one that becomes two (İ) is taken apart before.
    if (small === character || Array.from(small).length > 1) continue;
    upper += character;
    lower += small;
  }
  return { upper, lower };
}

/** A letter, unless it folds to two. */
function inOneLetter(letter: string): string {
  const plain = withPlainLetters(letter);
  return plain.length === 1 ? plain : letter;
}

function bracket(spans: readonly (readonly [from: number, to: number])[]): string {
  const escaped = (point: number) => `\\U${point.toString(16).padStart(8, '0')}`;
  return `[${spans.map(([from, to]) => (from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`)).join('')}]+`;
}
