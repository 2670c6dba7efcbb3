import { describe, expect, test } from '@jest/globals';
import {
  CS,
  VS,
  codes,
  fruit,
  fruitWorld,
  parameters,
  texts,
  value,
  valueSet,
  type Json,
} from './fruitWorld.ts';

const SPICES = 'http://example.org/CodeSystem/spices';
const UNCLOSED = 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed';
const spices = {
  resourceType: 'CodeSystem',
  url: SPICES,
  status: 'active',
  content: 'fragment',
  caseSensitive: true,
  property: [{ code: 'heat', type: 'decimal' }],
  concept: [
    { code: 'salt', display: 'Salt' },
    { code: 'chili', display: 'Chili', property: [{ code: 'heat', valueDecimal: 1.5 }] },
  ],
};
const oneSpice = valueSet('one-spice', {
  include: [{ system: SPICES, concept: [{ code: 'salt' }, { code: 'saffron', display: 'Saffron' }] }],
});

describe('what expansions list', () => {
  const { post, get } = fruitWorld();
  const sent = { name: 'tx-resource', resource: spices };
  const expand = async (resource: Json) =>
    (await post('/ValueSet/$expand', parameters(sent, { name: 'valueSet', resource }))).body;
  const isValid = (resource: Json, code: string) =>
    post(
      '/ValueSet/$validate-code',
      parameters(
        sent,
        { name: 'valueSet', resource },
        { name: 'coding', valueCoding: { system: SPICES, code } },
      ),
    );
  const isUnclosed = (answer: unknown) => {
    const { extension = [] } = (answer as { expansion: { extension?: Json[] } }).expansion;
    return extension.some(({ url, valueBoolean }) => url === UNCLOSED && valueBoolean === true);
  };

  test('an expansion of a fragment says that there may be more', async () => {
    const answer = await expand(valueSet('spices', { include: [{ system: SPICES }] }));
    expect(codes(answer)).toEqual(['salt', 'chili']);
    expect(isUnclosed(answer)).toBe(true);
    expect(answer.expansion).toMatchObject({
      parameter: expect.arrayContaining([{ name: 'used-fragment', valueUri: SPICES }]) as unknown,
    });
    expect(isUnclosed(await get('/ValueSet/all/$expand'))).toBe(false);
  });

  test('codes of a fragment that a value set lists are all there are', async () => {
    const answer = await expand(oneSpice);
    expect(answer.expansion.contains).toMatchObject([
      { code: 'salt', display: 'Salt' },
      { code: 'saffron', display: 'Saffron' },
    ]);
    expect(isUnclosed(answer)).toBe(false);
    const listed = (await isValid(oneSpice, 'saffron')).body;
    expect([value(listed, 'result'), value(listed, 'display')]).toEqual([true, 'Saffron']);
    expect(texts(listed)[0]).toMatch('labeled as a fragment');
    expect(value((await isValid(oneSpice, 'cumin')).body, 'result')).toBe(false);
  });

  test('a code that a fragment does not have may be in what includes the whole, unless it is excluded', async () => {
    const include = [{ system: SPICES }];
    const all = (await isValid(valueSet('spices', { include }), 'cumin')).body;
    expect(value(all, 'result')).toBe(true);
    const exclude = [{ system: SPICES, concept: [{ code: 'cumin' }] }];
    const but = (await isValid(valueSet('no-cumin', { include, exclude }), 'cumin')).body;
    expect(value(but, 'result')).toBe(false);
  });

  test.each([
    ['http://unitsofmeasure.org/vs', 'mm[Hg]', 'http://hl7.org/fhir/ValueSet/ucum-common'],
    ['http://hl7.org/fhir/ValueSet/all-languages', 'en-US', 'http://hl7.org/fhir/ValueSet/languages'],
    ['http://hl7.org/fhir/ValueSet/all-distance-units', 'cm', 'http://hl7.org/fhir/ValueSet/ucum-common'],
  ])('of a grammar, %s has codes in common use, such as %s', async (url, code, list) => {
    const answer = await get(`/ValueSet/$expand?url=${url}&count=10000`);
    expect(codes(answer)).toContain(code);
    expect(codes(answer).length).toBeLessThan(2_000);
    expect(isUnclosed(answer)).toBe(true);
    expect(JSON.stringify(answer.expansion)).toContain(list);
  });

  test('units of length are those that measure what a metre does', async () => {
    const is = async (code: string) => {
      const url = 'http://hl7.org/fhir/ValueSet/all-distance-units';
      const system = 'http://unitsofmeasure.org';
      return value(
        await get(`/ValueSet/$validate-code?url=${url}&system=${system}&code=${encodeURIComponent(code)}`),
        'result',
      );
    };
    expect([await is('[mi_i]'), await is('kg'), await is('%')]).toEqual([true, false, false]);
  });

  test('an expression that is not understood is told as that', async () => {
    const url = encodeURIComponent('http://snomed.info/sct?fhir_vs=ecl/<< 1 : 2 = 3');
    const { issue } = await get(`/ValueSet/$expand?url=${url}`);
    expect(issue[0]!.details.text).toContain('single steps');
  });

  test('any code system has a value set of all its codes', async () => {
    expect(codes(await get(`/ValueSet/$expand?url=${CS}?fhir_vs&excludeNested=true`))).toEqual(
      codes(await get('/ValueSet/all/$expand?excludeNested=true')),
    );
  });

  test('a value set that is imported has its own contained ones', async () => {
    const resource = {
      ...valueSet('outer', { include: [{ valueSet: ['#inner'] }] }),
      contained: [
        {
          resourceType: 'ValueSet',
          id: 'inner',
          status: 'active',
          compose: { include: [{ system: CS, concept: [{ code: 'plum' }] }] },
        },
      ],
    };
    const importing = valueSet('importing', { include: [{ valueSet: [resource.url] }] });
    const { body } = await post(
      '/ValueSet/$expand',
      parameters({ name: 'tx-resource', resource }, { name: 'valueSet', resource: importing }),
    );
    expect(codes(body)).toEqual(['plum']);
    expect(JSON.stringify(body.expansion)).not.toContain('#inner');
  });

  test.each([
    ['exists', 'true', ['chili']],
    ['=', '1.50', ['chili']],
    ['in', '1.50,2', ['chili']],
    ['=', '2', []],
  ])('a decimal is %s %s', async (op, text, found) => {
    const filter = [{ property: 'heat', op, value: text }];
    expect(codes(await expand(valueSet('hot', { include: [{ system: SPICES, filter }] })))).toEqual(found);
  });

  test('modifier extensions are not passed over', async () => {
    const modified = { modifierExtension: [{ url: 'http://example.org/not', valueBoolean: true }] };
    const status = async (resource: Json, ...more: Json[]) =>
      (await post('/ValueSet/$expand', parameters({ name: 'valueSet', resource }, ...more))).status;
    const concept = [{ code: 'plum' }];
    expect(await status(valueSet('plain', { include: [{ system: CS, concept }] }))).toBe(200);
    expect(await status(valueSet('part', { include: [{ system: CS, concept, ...modified }] }))).toBe(422);
    expect(await status({ ...valueSet('whole', { include: [{ system: CS, concept }] }), ...modified })).toBe(
      422,
    );
    expect(await status({ ...valueSet('odd', { include: [] }), modifierExtension: 'x' })).toBe(400);
    const system = { ...spices, concept: [{ code: 'salt', ...modified }] };
    const all = valueSet('system', { include: [{ system: SPICES }] });
    expect(await status(all, { name: 'tx-resource', resource: system })).toBe(422);
  });

  test('codes of several versions are one where versions are to match', async () => {
    const include = ['1.0', '2.0'].map((version) => ({ system: CS, version }));
    const exclude = [{ system: CS, version: '1.0', concept: [{ code: 'plum' }] }];
    const resource = valueSet('versions', { include, exclude });
    const ask = async (...more: Json[]) =>
      codes((await post('/ValueSet/$expand', parameters({ name: 'valueSet', resource }, ...more))).body);
    expect(await ask()).toEqual(['apple', 'boskoop', 'apple', 'boskoop', 'plum', 'pear']);
    const match = { name: 'versionsMatch', valueBoolean: true };
    expect(await ask(match)).toEqual(['apple', 'boskoop', 'pear']);
  });

  test('all properties of a concept', async () => {
    const answer = await get('/ValueSet/all/$expand?excludeNested=true&property=*');
    expect(JSON.stringify(answer.expansion.contains)).toContain('"valueCode":"brown"');
  });

  test('exists is true or false', async () => {
    const filter = [{ property: 'colour', op: 'exists', value: 'maybe' }];
    const resource = valueSet('maybe', { include: [{ system: CS, filter }] });
    const { status, body } = await post('/ValueSet/$expand', parameters({ name: 'valueSet', resource }));
    expect(status).toBe(422);
    expect(body.issue[0]!.details.text).toContain('true or false');
  });

  test('a system may name its version', async () => {
    const is = async (version: string) =>
      value(await get(`/ValueSet/$validate-code?url=${VS}/all&system=${CS}|${version}&code=pear`), 'result');
    expect([await is('2.0'), await is('1.0')]).toEqual([true, false]);
    const inline = { ...fruit('3.0'), id: 'inline' };
    const wrong = { system: `${CS}|2.0`, code: 'pear' };
    const answer = await post(
      '/CodeSystem/$validate-code',
      parameters({ name: 'tx-resource', resource: inline }, { name: 'coding', valueCoding: wrong }),
    );
    expect(value(answer.body, 'result')).toBe(false);
  });
});
