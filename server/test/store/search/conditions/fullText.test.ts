import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Condition } from '../../../../src/fhir/search/ast.ts';
import { parseTextQuery } from '../../../../src/fhir/search/values/textQuery.ts';
import { Aliases, contextOf } from '../../../../src/store/search/conditions/context.ts';
import { FULL_TEXT_CHARS_MAX, fullTextScore } from '../../../../src/store/search/conditions/fullText.ts';
import { SqlParameters } from '../../../../src/store/search/sqlParameters.ts';
import { ConditionWorld } from './support.ts';

describe('full text', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    const narrative = (div: string) => ({
      text: { status: 'additional', div: `<div class="styled">${div}</div>` },
    });
    await world.putAll('Condition', {
      pain: { ...narrative('<p>Severe <b>pain</b> in the knee; pain again</p>'), note: [{ text: 'pain' }] },
      calm: {
        ...narrative('<p>No complaint</p>'),
        code: { text: 'Pain, possibly', coding: [{ display: 'Übelkeit' }] },
      },
      status: { note: [{ text: 'nothing' }], onsetString: 'x\u0000y' },
      none: {},
      gone: narrative('pain'),
    });
    await world.delete('Condition/gone');
  });
  afterAll(() => world.close());

  const search = (where: 'narrative' | 'content', query: string): Condition => ({
    kind: 'full-text',
    where,
    query: parseTextQuery(query),
  });

  test.each<['narrative' | 'content', string, string[]]>([
    ['narrative', 'PAIN', ['pain']],
    ['narrative', 'pain knee', ['pain']],
    ['narrative', '"severe pain"', ['pain']],
    ['narrative', '"pain severe"', []],
    ['narrative', 'knee or complaint', ['calm', 'pain']],
    ['narrative', 'complaint -no', []],
    ['narrative', 'styled', []],
    ['narrative', 'additional', []],
    ['narrative', '(knee or complaint) and pain', ['pain']],
    ['narrative', 'knee or complaint pain', ['pain']],
    ['narrative', 'not (knee or liver)', ['calm']],
    ['narrative', 'pain not knee', []],
    ['narrative', "it's", []],
    ['narrative', 'pain-again', []],
    ['narrative', 'knee;pain', ['pain']],
    ['content', 'pain', ['calm', 'pain']],
    ['content', 'pain -severe', ['calm']],
    ['content', 'note', []],
    ['content', 'Übelkeit', ['calm']],
    ['content', 'xy', ['status']],
    ['content', 'condition nothing', ['status']],
  ])('%s: %j finds %j', async (where, query, found) => {
    expect(await world.find('Condition', search(where, query))).toEqual(found);
  });

  test('resources with more words than PostgreSQL takes, or with data, are searched in part', async () => {
    await world.put('Observation/large', { note: [{ text: 'needle' }, ...filler(), { text: 'haystack' }] });
    await world.put('Observation/data', { note: [{ text: 'A'.repeat(1_200_000) }, { text: 'afterwards' }] });
    const find = (query: string) => world.find('Observation', search('content', query));
    expect(await find('needle')).toEqual(['large']);
    expect(await find('haystack')).toEqual([]);
    expect(await find('afterwards')).toEqual(['data']);
  });

  test('what is said more often scores higher', async () => {
    const parameters = new SqlParameters();
    const { schema, index, nowMs } = world;
    const context = contextOf(
      { schema, index, parameters, aliases: new Aliases(), nowMs, hasTable: () => true },
      'Condition',
      'm',
    );
    const score = fullTextScore(
      context,
      search('content', 'pain') as Extract<Condition, { kind: 'full-text' }>,
    );
    const text = `SELECT m.id, ${score} AS score FROM ${context.tables.resource} m ORDER BY score DESC, m.id LIMIT 3`;
    const { rows } = await world.database.search({ name: '', text, values: parameters.values });
    expect(rows.map((row) => row.id)).toEqual(['pain', 'calm', 'gone']);
    expect(rows.map((row) => Number(row.score) > 0)).toEqual([true, true, false]);
  });
});

/** Many different short words: their positions take more room than the text. */
function filler(): { text: string }[] {
  return Array.from({ length: 600 }, (_, i) => ({
    text: Array.from({ length: (3 * FULL_TEXT_CHARS_MAX) / 600 / 4 }, (_, j) =>
      (i * 1_000 + j).toString(36),
    ).join(' '),
  }));
}
