import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { foldString, rawString, STRING_CHARS_MAX } from '../../../../src/store/index/fold.ts';
import { foldSql } from '../../../../src/store/search/content/foldSql.ts';
import { SqlParameters } from '../../../../src/store/search/sqlParameters.ts';
import {
  hasDebianPostgres,
  startDebianPostgres,
  type DebianPostgres,
} from '../../../support/debianPostgres.ts';
import { testDatabase, type TestDatabase } from '../../../support/postgres.ts';

const TEXTS_AT_ONCE = 2_000;

/**
 * Characters that Unicode took in after version 14, PostgreSQL 15's, and that decompose: there, it leaves them as they are.
 * Modifier letters of Cyrillic; letters of Todhri, Tulu-Tigalari and Gurung Khema; outlined letters and digits.
 */
const TOO_NEW: readonly (readonly [from: number, to: number])[] = [
  [0x1e030, 0x1e06d],
  [0x105c9, 0x105e4],
  [0x11383, 0x113c8],
  [0x16121, 0x16128],
  [0x1ccd6, 0x1ccf9],
  [0x16d68, 0x16d6a],
  [0xa7f1, 0xa7f1],
];

const isTooNew = (point: number) => TOO_NEW.some(([from, to]) => point >= from && point <= to);

/** Of the characters that folding leaves alone, and of the syllables of Hangul, one in so many is tried. */
const SAMPLED = 40;

/** Every character that folding changes, and some others, each between two letters. */
function characters(): string[] {
  const texts: string[] = [];
  for (const [from, to] of [
    [1, 0xd7ff],
    [0xe000, 0x1ffff],
    [0xe0000, 0xe01ff],
  ] as const) {
    for (let point = from; point <= to; point++) {
      const text = `A${String.fromCodePoint(point)}B`;
      const isSampled = point % SAMPLED === 0;
      const isHangul = point >= 0xac00 && point < 0xd7a4;
      const changes = !isHangul && foldString(text) !== `a${text.slice(1, -1)}b`;
      if ((changes || isSampled) && !isTooNew(point)) texts.push(text);
    }
  }
  return texts;
}

const ODD = [
  '',
  ' ',
  '\u0301',
  'ΟΔΟΣ',
  'Σ',
  'ς',
  'ΑΣ ΑΣΑ',
  'İstanbul Iı',
  'ﬁle ﬂow ǅ ǆ',
  '  Plain   ASCII\t\r\n text ',
  '\u00a0\u3000x\u2028\ufeff',
  'e\u0301\u0302\u0323 e\u0323\u0301',
  'Ａｂｃ１２３ ㍿ ½ K Å',
  '각 가 각',
  'राम रीमा फ़िज़ा ஜெயா กุ้ง',
  'Ǆ ẞ ß ſ',
  'Øyvind Łódź Ǽ Ǿ Đ ð ı Iğdır œuf',
  'ß'.repeat(STRING_CHARS_MAX),
  '😀'.repeat(STRING_CHARS_MAX + 3),
  'ä'.repeat(STRING_CHARS_MAX + 3),
  `${'x'.repeat(STRING_CHARS_MAX - 1)} y`,
  `${'é'.repeat(STRING_CHARS_MAX - 1)}  y`,
  `${'\u0301'.repeat(700)}a`,
  'ﷺ'.repeat(60),
].map(rawString);

async function differences(db: TestDatabase, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < texts.length; at += TEXTS_AT_ONCE) {
    const some = texts.slice(at, at + TEXTS_AT_ONCE);
    const parameters = new SqlParameters();
    const folded = foldSql('v.value', parameters);
    const list = parameters.add(some);
    const text = `SELECT array_agg(${folded} ORDER BY v.nr) AS folded FROM unnest(${list}::text[]) WITH ORDINALITY AS v(value, nr)`;
    const { rows } = await db.database.search({ name: '', text, values: parameters.values });
    const results = rows[0]!.folded as string[];
    some.forEach((one, i) => {
      if (results[i] !== foldString(one))
        found.push(`${JSON.stringify(one)}: ${results[i]!} and not ${foldString(one)}`);
    });
  }
  return found;
}

describe('folding in SQL is folding in JavaScript', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.close());

  test('of every character that changes, and of odd texts', async () => {
    expect(await differences(db, ODD)).toEqual([]);
    expect(await differences(db, characters())).toEqual([]);
  });
});

const hasDebian = hasDebianPostgres('folding by an older PostgreSQL is');

(hasDebian ? describe : describe.skip)('in a PostgreSQL 15 with the locale of its machine', () => {
  let server: DebianPostgres;
  let db: TestDatabase;
  beforeAll(async () => {
    server = await startDebianPostgres();
    db = await testDatabase({ connection: server.connection });
  });
  afterAll(async () => {
    await db.close();
    await server.stop();
  });

  test('as well', async () => {
    expect(await differences(db, ODD)).toEqual([]);
    expect(await differences(db, characters())).toEqual([]);
  });
});
