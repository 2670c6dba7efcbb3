import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StringMatch, UriMatch } from '../../../../src/fhir/search/ast.ts';
import { STRING_CHARS_MAX } from '../../../../src/store/index/fold.ts';
import { parentUrls, URL_SEGMENTS_MAX } from '../../../../src/store/search/conditions/parentUrls.ts';
import { ALTERNATIVES_MAX } from '../../../../src/store/search/conditions/expressions.ts';
import { ConditionWorld, OWN_BASE } from './support.ts';

describe('strings', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    await world.putAll('Patient', {
      mueller: { name: [{ family: 'Müller-Lüdenscheidt', given: ['Zoë', 'Ann'] }] },
      percent: { name: [{ text: '50%_\\x' }] },
      odd: { name: [{ family: 'O’Brien', given: ['ΟΔΟΣ'] }] },
      long: { name: [{ text: `${'a'.repeat(STRING_CHARS_MAX)}zzz` }] },
      spaced: { name: [{ family: 'van  der\tBerg' }] },
      letters: { name: [{ family: 'Großmann', given: ['Łukasz'] }] },
      none: {},
      gone: { name: [{ family: 'Müller' }] },
    });
    await world.delete('Patient/gone');
  });
  afterAll(() => world.close());

  const named = (match: StringMatch, values: string[], code = 'name') =>
    world.find('Patient', { kind: 'string', parameter: world.parameter('Patient', code), match, values });

  test.each<[StringMatch, string[], string[]]>([
    ['starts-with', ['mull'], ['mueller']],
    ['starts-with', ['MÜLLER', 'zoe'], ['mueller']],
    ['starts-with', ['50%'], ['percent']],
    ['starts-with', ['50_'], []],
    ['starts-with', ['50%_\\'], ['percent']],
    ['starts-with', ['\u0301'], []],
    ['starts-with', ['\u0301', 'van der berg'], ['spaced']],
    ['starts-with', ['οδος'], ['odd']],
    ['starts-with', ['ller'], []],
    ['starts-with', [`${'A'.repeat(STRING_CHARS_MAX)}other`], ['long']],
    ['starts-with', ['GROSS', 'x'], ['letters']],
    ['starts-with', ['lukasz'], ['letters']],
    ['contains', ['ossma'], ['letters']],
    ['exact', ['Grossmann'], []],
    ['contains', ['ller'], ['mueller']],
    ['contains', ['%_\\'], ['percent']],
    ['contains', ['brien', 'nn'], ['letters', 'mueller', 'odd']],
    ['contains', ['_'], ['percent']],
    ['ends-with', ['SCHEIDT'], ['mueller']],
    ['ends-with', ['_\\x'], ['percent']],
    ['ends-with', ['mull'], []],
    ['equals', ['zoe'], ['mueller']],
    ['equals', ['zo', 'VAN DER BERG'], ['spaced']],
    ['exact', ['Zoë'], ['mueller']],
    ['exact', ['zoë'], []],
    ['exact', ['Zoe', 'Zoë', 'O’Brien'], ['mueller', 'odd']],
    ['exact', ['van  der\tBerg'], ['spaced']],
    ['exact', [`${'a'.repeat(STRING_CHARS_MAX)}zzz`], ['long']],
    ['exact', [`${'a'.repeat(STRING_CHARS_MAX)}zzy`], []],
  ])('%s %j finds %j', async (match, values, found) => {
    expect(await named(match, values)).toEqual(found);
  });

  test('one part of a name is not another', async () => {
    expect(await named('starts-with', ['zoe'], 'family')).toEqual([]);
    expect(await named('starts-with', ['zoe'], 'given')).toEqual(['mueller']);
    expect(await named('starts-with', ['Miller'], 'phonetic')).toEqual(['mueller']);
  });

  test('as many exact texts as the protocol takes, but fewer beginnings', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `name ${i}`);
    expect(await named('exact', [...many, 'Ann'])).toEqual(['mueller']);
    const most = many.slice(0, ALTERNATIVES_MAX - 1);
    expect(await named('starts-with', [...most, 'ann'])).toEqual(['mueller']);
    await expect(named('starts-with', many)).rejects.toThrow('more than 1000 values');
  });

  test('SQL of beginnings, contents and exact strings', () => {
    const sqlOf = (match: StringMatch, values: string[]) =>
      world.sqlOf('Patient', {
        kind: 'string',
        parameter: world.parameter('Patient', 'family'),
        match,
        values,
      });
    const rows = 'EXISTS (SELECT FROM patient_strings s1 WHERE s1.rid = m.rid AND s1.param = $1::bigint AND';
    expect(sqlOf('starts-with', ['Ä%', 'b']).sql).toBe(`${rows} (s1.value LIKE $2 OR s1.value LIKE $3))`);
    expect(sqlOf('starts-with', ['Ä%', 'b']).values.slice(1)).toEqual(['a\\%%', 'b%']);
    expect(sqlOf('contains', ['x']).values[1]).toBe('%x%');
    expect(sqlOf('equals', ['x', 'Y']).sql).toBe(`${rows} s1.value = ANY ($2::text[]))`);
    expect(sqlOf('exact', ['x', 'X']).sql).toBe(
      `${rows} s1.value = ANY ($2::text[]) AND s1.exact = ANY ($3::bigint[]))`,
    );
    expect(sqlOf('exact', ['x', 'X']).values[1]).toEqual(['x']);
    expect(sqlOf('starts-with', ['\u0301'])).toEqual({ sql: 'false', values: [] });
  });
});

describe('URIs', () => {
  let world: ConditionWorld;
  const ACME = 'http://acme.org/fhir/ValueSet';

  beforeAll(async () => {
    world = await ConditionWorld.open();
    const both = (url: string) => ({ url, meta: { profile: [url] } });
    await world.putAll('ValueSet', {
      root: both('http://acme.org'),
      folder: both('http://acme.org/fhir/'),
      '123': both(`${ACME}/123`),
      '1234': both(`${ACME}/1234`),
      upper: both(`${ACME.toUpperCase()}/123`),
      percent: both('http://acme.org/a%20_b'),
      own: both(`${OWN_BASE}/ValueSet/own`),
      version: { meta: { profile: ['http://b.org/p|2.0'] } },
      none: {},
    });
  });
  afterAll(() => world.close());

  const ask = (code: string, match: UriMatch, uris: string[]) =>
    world.find('ValueSet', { kind: 'uri', parameter: world.parameter('ValueSet', code), match, uris });

  test.each<[UriMatch, string[], string[]]>([
    ['exact', [`${ACME}/123`], ['123']],
    ['exact', [`${ACME}/12`], []],
    ['exact', [`${ACME}/123`, 'http://acme.org'], ['123', 'root']],
    ['below', ['http://acme.org/fhir'], ['123', '1234', 'folder']],
    ['below', ['http://acme.org/fhir/'], ['123', '1234', 'folder']],
    ['below', [`${ACME}/123`], ['123']],
    ['below', [`${ACME}/12`], []],
    ['below', ['http://acme.org/a%20_b', ACME], ['123', '1234', 'percent']],
    ['below', ['http://acme.org/a_20_b'], []],
    ['below', [OWN_BASE], ['own']],
    ['above', [`${ACME}/123/_history/5`], ['123', 'folder', 'root']],
    ['above', ['http://acme.org/fhir'], ['root']],
    ['above', ['http://acme.org/fhir/'], ['folder', 'root']],
    ['above', ['http://acme.org/'], ['root']],
    ['above', ['http://acme.organization/x'], []],
    ['starts-with', [`${ACME}/12`], ['123', '1234']],
    ['contains', ['ValueSet'], ['123', '1234', 'own']],
    ['contains', ['%20_'], ['percent']],
    ['ends-with', ['/123'], ['123', 'upper']],
    ['ends-with', ['_23'], []],
  ])('%s %j finds %j', async (match, uris, found) => {
    expect(await ask('url', match, uris)).toEqual(found);
    expect(await ask('_profile', match, uris)).toEqual(found);
  });

  test.each<[UriMatch, string]>([
    ['exact', 'http://b.org/p'],
    ['exact', 'http://b.org/p|2.0'],
    ['below', 'http://b.org/p'],
    ['below', 'http://b.org/p|2.0'],
    ['above', 'http://b.org/p/q'],
  ])('%s %s finds a version of a canonical', async (match, uri) => {
    expect(await ask('_profile', match, [uri])).toEqual(['version']);
  });

  test('what is above a URL', () => {
    expect(parentUrls('http://a.b/c/d')).toEqual([
      'http://a.b/c/d',
      'http://a.b/c/',
      'http://a.b/c',
      'http://a.b/',
      'http://a.b',
    ]);
    expect(parentUrls('http://a.b/')).toEqual(['http://a.b/', 'http://a.b']);
    expect(parentUrls('urn:oid:1.2')).toEqual(['urn:oid:1.2']);
    expect(parentUrls('ValueSet/1')).toEqual(['ValueSet/1', 'ValueSet/', 'ValueSet']);
    expect(parentUrls('/')).toEqual(['/']);
    expect(parentUrls(`http://a${'/b'.repeat(5_000)}`).length).toBe(2 * URL_SEGMENTS_MAX + 1);
  });

  test('SQL of URLs below one another', () => {
    const parameter = world.parameter('ValueSet', 'url');
    const { sql, values } = world.sqlOf('ValueSet', {
      kind: 'uri',
      parameter,
      match: 'below',
      uris: ['http://a%'],
    });
    expect(sql).toBe(
      'EXISTS (SELECT FROM valueset_strings s1 WHERE s1.rid = m.rid AND s1.param = $1::bigint AND (s1.value = ANY ($2::text[]) OR s1.value LIKE $3))',
    );
    expect(values.slice(1)).toEqual([['http://a%'], 'http://a\\%/%']);
  });
});
