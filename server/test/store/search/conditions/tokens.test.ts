import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Condition } from '../../../../src/fhir/search/ast.ts';
import { parseOfType, parseToken } from '../../../../src/fhir/search/values/token.ts';
import { ConditionWorld } from './support.ts';

const V2 = 'http://terminology.hl7.org/CodeSystem/v2-0203';

describe('tokens, and what is said of conditions', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    const identifier = (value: string, code: string) => ({
      type: { coding: [{ system: V2, code }], text: `Record ${code}` },
      system: 'urn:mrn',
      value,
    });
    await world.putAll('Patient', {
      a: { active: true, gender: 'male', identifier: [identifier('1', 'MR')], birthDate: '1990' },
      b: {
        active: false,
        identifier: [identifier('2', 'SS'), { value: '1' }],
        name: [{ family: 'B' }],
        telecom: [{ value: '9' }],
      },
      c: { deceasedDateTime: '2020', telecom: [{ system: 'phone', value: '1' }] },
      d: { active: true },
    });
    await world.delete('Patient/d');
    await world.putAll('Medication', {
      m: { batch: { lotNumber: 'LOT-7a' } },
      n: { batch: { lotNumber: 'Lot-7b' } },
    });
    await world.putAll('Observation', {
      text: {
        code: { text: 'Körper  Temperatur' },
        component: [{ code: { coding: [{ display: 'Puls' }] } }],
      },
      display: {
        code: { coding: [{ system: 'urn:s', code: 'x', display: 'ΚΟΡΜΟΣ' }, { display: 'Other' }] },
      },
      neither: { code: { coding: [{ system: 'urn:s', code: 'Temperatur' }] } },
      odd: { code: { text: ['Kopf'], coding: { display: 'ﬁeber %_' } } },
      nul: { code: { text: 'NUL' }, note: [{ text: '\u0000' }] },
    });
  });
  afterAll(() => world.close());

  const parameter = (type: string, code: string) => world.parameter(type, code);
  const tokens = (code: string, ...texts: string[]): Condition => ({
    kind: 'token',
    parameter: parameter('Patient', code),
    tokens: texts.map(parseToken),
  });
  const patients = (condition: Condition) => world.find('Patient', condition);

  test.each<[string, string[], string[]]>([
    ['identifier', ['1'], ['a', 'b']],
    ['identifier', ['urn:mrn|1'], ['a']],
    ['identifier', ['|1'], ['b']],
    ['identifier', ['urn:mrn|'], ['a', 'b']],
    ['identifier', ['2', '|1'], ['b']],
    ['gender', ['male', 'female'], ['a']],
    ['gender', ['http://hl7.org/fhir/administrative-gender|male'], ['a']],
    ['gender', ['http://hl7.org/fhir/administrative-gender|'], ['a']],
    ['gender', ['|male'], ['a']],
    ['gender', ['urn:other|male'], []],
    ['gender', ['urn:other|', '__proto__|male'], []],
    ['active', ['false'], ['b']],
    ['deceased', ['true'], ['c']],
    ['deceased', ['false'], ['a', 'b']],
    ['phone', ['1'], ['c']],
    ['telecom', ['phone|1'], ['c']],
    ['telecom', ['phone|'], ['c']],
    ['telecom', ['email|', '|9'], ['b']],
  ])('%s=%j finds %j', async (code, texts, found) => {
    expect(await patients(tokens(code, ...texts))).toEqual(found);
  });

  test('not matches also where there is no value, and never what is deleted', async () => {
    const not = (condition: Condition): Condition => ({ kind: 'not', condition });
    expect(await patients(not(tokens('gender', 'male')))).toEqual(['b', 'c']);
    expect(await patients(not(tokens('identifier', '1')))).toEqual(['c']);
    expect(await patients(not(not(tokens('gender', 'male'))))).toEqual(['a']);
    const born: Condition = {
      kind: 'date',
      parameter: parameter('Patient', 'birthdate'),
      comparisons: [{ prefix: 'gt', lo: 0, hi: 0, exact: 0 }],
    };
    expect(await patients(not(born))).toEqual(['b', 'c']);
    const named: Condition = {
      kind: 'string',
      parameter: parameter('Patient', 'name'),
      match: 'contains',
      values: ['b'],
    };
    expect(await patients(not({ kind: 'or', conditions: [born, named] }))).toEqual(['c']);
    expect(await patients(not({ kind: 'and', conditions: [not(born), named] }))).toEqual(['a', 'c']);
  });

  test('of-type', async () => {
    const ofType = (...texts: string[]): Condition => ({
      kind: 'of-type',
      parameter: parameter('Patient', 'identifier'),
      values: texts.map(parseOfType),
    });
    expect(await patients(ofType(`${V2}|MR|1`))).toEqual(['a']);
    expect(await patients(ofType(`${V2}|MR|2`, `${V2}|SS|2`))).toEqual(['b']);
  });

  test.each<[string, string, string[]]>([
    ['Patient', 'gender', ['b', 'c']],
    ['Patient', 'birthdate', ['b', 'c']],
    ['Patient', 'name', ['a', 'c']],
    ['Patient', 'identifier', ['c']],
    ['Patient', 'deceased', []],
    ['Patient', '_id', []],
    ['Patient', '_lastUpdated', []],
    ['Patient', 'death-date', ['a', 'b']],
    ['Observation', 'code', []],
    ['Observation', 'date', ['display', 'neither', 'nul', 'odd', 'text']],
  ])('%s.%s is missing in %j', async (type, code, found) => {
    const missing: Condition = { kind: 'missing', missing: true, parameter: parameter(type, code) };
    expect(await world.find(type, missing)).toEqual(found);
    const all = await world.find(type, { kind: 'constant', value: true });
    expect(await world.find(type, { ...missing, missing: false })).toEqual(
      all.filter((id) => !found.includes(id)),
    );
  });

  test.each([
    ['lot-7A', ['m']],
    ['|LOT-7B', ['n']],
    ['lot-7', []],
  ])('a token that is a string is found whatever its case: %s', async (text, found) => {
    const lot = {
      kind: 'token',
      parameter: parameter('Medication', 'lot-number'),
      tokens: [parseToken(text)],
    };
    expect(await world.find('Medication', lot as Condition)).toEqual(found);
  });

  test('nothing and everything', async () => {
    expect(await patients({ kind: 'constant', value: false })).toEqual([]);
    expect(await patients({ kind: 'and', conditions: [] })).toEqual(['a', 'b', 'c']);
    expect(await patients({ kind: 'or', conditions: [] })).toEqual([]);
    expect(
      await patients({
        kind: 'and',
        conditions: [{ kind: 'constant', value: false }, tokens('active', 'true')],
      }),
    ).toEqual([]);
  });

  test('ids', async () => {
    expect(await patients({ kind: 'id', ids: ['a', 'c', 'd', 'zz'] })).toEqual(['a', 'c']);
    expect(await patients({ kind: 'not', condition: { kind: 'id', ids: ['a'] } })).toEqual(['b', 'c']);
  });

  const texts = (match: 'starts-with' | 'contains', ...values: string[]): Condition => ({
    kind: 'token-text',
    parameter: parameter('Observation', 'code'),
    match,
    texts: values,
  });

  test.each<['starts-with' | 'contains', string[], string[]]>([
    ['starts-with', ['korper TEMP'], ['text']],
    ['starts-with', ['temperatur'], []],
    ['contains', ['temperatur'], ['text']],
    ['starts-with', ['κορμοσ'], ['display']],
    ['starts-with', ['κορμος', 'Puls'], ['display']],
    ['starts-with', ['other'], ['display']],
    ['contains', ['%_'], ['odd']],
    ['contains', ['_%'], []],
    ['starts-with', ['FIEBER'], ['odd']],
    ['starts-with', ['kopf'], []],
    ['starts-with', ['\u0301'], []],
    ['starts-with', ['nul'], ['nul']],
  ])('texts: %s %j finds %j', async (match, values, found) => {
    expect(await world.find('Observation', texts(match, ...values))).toEqual(found);
  });

  test('texts of identifiers are those of their type; primitives have none', async () => {
    const of = (code: string, text: string) =>
      patients({
        kind: 'token-text',
        parameter: parameter('Patient', code),
        match: 'starts-with',
        texts: [text],
      });
    expect(await of('identifier', 'record s')).toEqual(['b']);
    expect(await of('gender', 'male')).toEqual([]);
    expect(await of('phone', '1')).toEqual([]);
  });

  test('keys of several conditions are one list', () => {
    const sqlOf = (...conditions: Condition[]) => world.sqlOf('Patient', { kind: 'or', conditions });
    const two = sqlOf(tokens('gender', 'male'), tokens('active', 'true', 'false'));
    expect(two.sql).toBe('m.keys && $1::bigint[]');
    expect(two.values).toEqual([
      [
        ...world.index.tokenKeys('Patient', 'gender', { code: 'male' }),
        ...world.index.tokenKeys('Patient', 'active', { code: 'true' }),
        ...world.index.tokenKeys('Patient', 'active', { code: 'false' }),
      ],
    ]);
    expect(sqlOf(tokens('gender', 'male')).sql).toBe('m.keys @> $1::bigint[]');
    const missing: Condition = { kind: 'missing', missing: true, parameter: parameter('Patient', 'gender') };
    expect(sqlOf(missing).sql).toBe('NOT m.keys @> $1::bigint[]');
    expect(sqlOf({ kind: 'id', ids: ['a'] })).toEqual({
      sql: '(m.self = ANY ($1::bigint[]) AND m.id = ANY ($2::text[]))',
      values: [[world.index.selfKey('Patient', 'a')], ['a']],
    });
  });
});
