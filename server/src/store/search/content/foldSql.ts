import { STRING_CHARS_MAX } from '../../index/fold.ts';
import type { SqlParameters } from '../sqlParameters.ts';

/** As JavaScript's \s, in PostgreSQL's regular expressions. */
const WHITE_SPACE =
  '[\\u0009-\\u000d\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]+';

/** Marks and letters with case stand in planes 0, 1 and 14. */
const CODE_POINTS: readonly (readonly [from: number, to: number])[] = [
  [0x80, 0xd7ff],
  [0xe000, 0x1ffff],
  [0xe0000, 0xe0fff],
];

/**
 * SQL that folds a text as `foldString` does, whatever the locale of the database: what counts as a mark, and the lower case
 * of a letter, are this program's. Only the decompositions are PostgreSQL's, whose Unicode version may be an older one.
 *
 * @param text a column: it is written several times
 */
export function foldSql(text: string, parameters: SqlParameters): string {
  const [marks, upper, lower] = [MARKS, CASES.upper, CASES.lower].map(
    (value) => `${parameters.add(value)}::text`,
  );
  const round = (value: string) =>
    `translate(regexp_replace(normalize(${value}, NFKD), ${marks}, '', 'g'), ${upper}, ${lower})`;
  const letters = `CASE WHEN octet_length(${text}) = length(${text}) THEN ${text} ELSE ${round(round(text))} END`;
  const spaced = `btrim(regexp_replace(lower((${letters}) COLLATE "C"), '${WHITE_SPACE}', ' ', 'g'))`;
  return `rtrim(left(${spaced}, ${STRING_CHARS_MAX}))`;
}

/** A bracket expression of the marks outside ASCII. */
const MARKS = bracket(ranges((character) => /\p{M}/u.test(character)));

/** Letters outside ASCII with their lower case, position by position. */
const CASES = casePairs();

function casePairs(): { upper: string; lower: string } {
  let [upper, lower] = ['ς', 'σ'];
  for (const character of characters()) {
    const small = character === 'Σ' ? 'σ' : character.toLowerCase();
    // The one that becomes two (İ) is taken apart before.
    if (small === character || Array.from(small).length > 1) continue;
    upper += character;
    lower += small;
  }
  return { upper, lower };
}

function* characters(): Generator<string> {
  for (const [from, to] of CODE_POINTS) {
    for (let point = from; point <= to; point++) yield String.fromCodePoint(point);
  }
}

function ranges(belongs: (character: string) => boolean): [from: number, to: number][] {
  const found: [from: number, to: number][] = [];
  for (const character of characters()) {
    if (!belongs(character)) continue;
    const point = character.codePointAt(0)!;
    const last = found.at(-1);
    if (last?.[1] === point - 1) last[1] = point;
    else found.push([point, point]);
  }
  return found;
}

function bracket(spans: readonly (readonly [from: number, to: number])[]): string {
  const escaped = (point: number) => `\\U${point.toString(16).padStart(8, '0')}`;
  return `[${spans.map(([from, to]) => (from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`)).join('')}]+`;
}
