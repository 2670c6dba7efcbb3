import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createIndexQuery, type IndexQuery } from '../../../../src/store/index/query.ts';
import { Aliases, contextOf } from '../../../../src/store/search/conditions/context.ts';
import { contentJson } from '../../../../src/store/search/content/contentJson.ts';
import { contentValues } from '../../../../src/store/search/content/contentValues.ts';
import { SqlParameters } from '../../../../src/store/search/sqlParameters.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../../../support/postgres.ts';

const OWN = 'http://maxray.example/fhir/R4';
const ALL_SPLIT = '😀 \\ud83d \uFFFD';

describe('values read from the content', () => {
  let db: TestDatabase;
  let index: IndexQuery;

  beforeAll(async () => {
    db = await testDatabase();
    index = createIndexQuery(await r4Definitions(), new Uint8Array(16), { publicBase: OWN });
  });
  afterAll(() => db.close());

  function sqlOf(type: string, code: string): { sql: string; parameters: SqlParameters } | undefined {
    const parameters = new SqlParameters();
    const shared = { schema: 's', index, parameters, aliases: new Aliases(), nowMs: 0, hasTable: () => true };
    const context = contextOf(shared, type, 'm');
    const found = contentValues(context, index.plan(type, code)!.definition);
    return found && { sql: found.sql, parameters };
  }

  /** @param content JSON, or the text of it */
  async function valuesOf(type: string, code: string, content: object | string | null): Promise<string[]> {
    const { sql, parameters } = sqlOf(type, code)!;
    const text = typeof content === 'object' && content !== null ? JSON.stringify(content) : content;
    const row = parameters.add(text);
    const statement = `SELECT array(SELECT v.value FROM (${sql}) v ORDER BY 1) AS found FROM (SELECT ${row}::text) m(content)`;
    const { rows } = await db.database.search({ name: '', text: statement, values: parameters.values });
    return rows[0]!.found as string[];
  }

  const coded = (...codes: unknown[]) => ({ coding: codes.map((code) => ({ system: 'urn:s', code })) });

  test.each<[string, string, object | null, string[]]>([
    ['Observation', 'code', { code: coded('b', 'a') }, ['a', 'b']],
    ['Observation', 'code', { code: { coding: [null, 5, 'x', {}, { code: '' }, { code: 1 }] } }, []],
    ['Observation', 'code', { code: { coding: { code: 'alone' } } }, ['alone']],
    ['Observation', 'code', { code: [coded('a')] }, []],
    ['Observation', 'code', { code: null }, []],
    ['Observation', 'code', null, []],
    ['Observation', 'category', { category: [coded('a'), null, coded('b')] }, ['a', 'b']],
    ['Observation', 'status', { status: 'final' }, ['final']],
    ['Observation', 'status', { status: ['final'] }, []],
    [
      'Observation',
      'component-code',
      { component: [{ code: coded('x') }, {}, { code: coded('y') }] },
      ['x', 'y'],
    ],
    ['Patient', 'identifier', { identifier: [{ system: 'urn:a', value: '2' }, { value: '1' }] }, ['1', '2']],
    [
      'Patient',
      'phone',
      {
        telecom: [
          { system: 'phone', value: '1' },
          { system: 'email', value: '2' },
        ],
      },
      ['1'],
    ],
    ['Patient', 'active', { active: false }, ['false']],
    ['Patient', 'active', { active: 'false' }, []],
    ['Patient', 'deceased', {}, ['false']],
    ['Patient', 'deceased', { deceasedBoolean: false }, ['false']],
    ['Patient', 'deceased', { deceasedBoolean: true }, ['true']],
    ['Patient', 'deceased', { deceasedDateTime: '2020' }, ['true']],
    ['Patient', '_tag', { meta: { tag: [{ system: 's', code: 't' }] } }, ['t']],
    ['Patient', '_profile', { meta: { profile: ['http://b', 'http://a'] } }, ['http://a', 'http://b']],
    ['ValueSet', 'url', { url: `${OWN}/ValueSet/1` }, ['ValueSet/1']],
    ['Observation', 'subject', { subject: { reference: `${OWN}/Patient/1` } }, ['Patient/1']],
    ['Observation', 'subject', { subject: { reference: 'Group/1' } }, ['Group/1']],
    ['Observation', 'subject', { subject: { reference: '#p', display: 'x' } }, []],
    ['Observation', 'patient', { subject: { reference: 'Group/1' } }, []],
    [
      'Observation',
      'patient',
      { subject: { reference: 'http://x.example/Patient/1/_history/2' } },
      ['http://x.example/Patient/1/_history/2'],
    ],
    ['Observation', 'patient', { subject: { reference: 'urn:uuid:1', type: 'Patient' } }, ['urn:uuid:1']],
    ['Observation', 'patient', { subject: { reference: 'urn:uuid:1' } }, []],
    ['QuestionnaireResponse', 'questionnaire', { questionnaire: 'http://q|2' }, ['http://q|2']],
    [
      'Bundle',
      'composition',
      { entry: [{ resource: { resourceType: 'Composition', id: '7' } }, { resource: {} }] },
      ['Composition/7'],
    ],
  ])('%s.%s of %j: %j', async (type, code, content, values) => {
    expect(await valuesOf(type, code, content)).toEqual(values);
  });

  test.each([
    ['NUL', '{"status":"a\\u0000b"}', 'ab'],
    ['NUL elsewhere', '{"language":"\\u0000","status":"c"}', 'c'],
    ['an escaped backslash before u0000', '{"language":"\\ud800","status":"a\\\\u0000"}', 'a\\u0000'],
    ['whole and half pairs', '{"status":"\\ud83d\\ude00 \\\\ud83d \\ud83d"}', ALL_SPLIT],
    ['two NULs', '{"status":"\\u0000\\u0000x"}', 'x'],
    ['a half pair before a pair', '{"status":"\\uD83D\\ud83d\\uDE00"}', '\uFFFD😀'],
    ['a pair before a half one', '{"status":"\\ud83d\\ude00\\ude00"}', '😀\uFFFD'],
    ['a quote after a backslash', '{"language":"\\u0000","status":"\\\\\\"\\\\"}', '\\"\\'],
    ['huge numbers beside it', '{"valueDecimal":1e999999,"status":"c"}', 'c'],
  ])('text with %s', async (_, content, value) => {
    expect(await valuesOf('Observation', 'status', content)).toEqual([value]);
  });

  test('the SQL has no value in its text', () => {
    const { sql, parameters } = sqlOf('Patient', 'phone')!;
    expect(parameters.values).toEqual(['phone']);
    expect(sql.replace(contentJson('m'), 'CONTENT').replace(/\s+/g, ' ')).toBe(
      `SELECT v5.value FROM (SELECT CONTENT AS j OFFSET 0) c1, LATERAL (SELECT (c4.j #>> '{}') COLLATE "C" AS value FROM LATERAL (SELECT c1.j -> 'telecom' AS j OFFSET 0) c2, LATERAL json_array_elements( CASE WHEN json_typeof(c2.j) = 'array' THEN c2.j WHEN c2.j IS NOT NULL THEN json_build_array(c2.j) END) c3(j), LATERAL (SELECT c3.j -> 'value' AS j OFFSET 0) c4 WHERE c3.j ->> 'system' = $1 AND json_typeof(c4.j) = 'string' AND (c4.j)::text <> '""') v5`,
    );
  });

  test('parameters of other types, and unknown ones, have none', () => {
    expect(sqlOf('Patient', 'birthdate')).toBeUndefined();
    expect(sqlOf('Patient', 'name')).toBeUndefined();
    expect(sqlOf('Observation', 'code-value-quantity')).toBeUndefined();
  });
});
