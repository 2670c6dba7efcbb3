import { describe, expect, test } from '@jest/globals';
import { CS, fruitWorld, parameters, value, type Answer, type Json } from './fruitWorld.ts';

const PIPS = 'http://example.org/CodeSystem/pips';
const MONTH = 'http://example.org/month';
const MAP = {
  resourceType: 'ConceptMap',
  url: 'http://example.org/ConceptMap/dependent',
  status: 'active',
  sourceUri: 'http://example.org/ValueSet/all',
  targetUri: 'http://example.org/ValueSet/pips',
  group: [
    {
      source: CS,
      sourceVersion: '2.0',
      target: PIPS,
      element: [
        {
          code: 'apple',
          target: [
            { code: 'green', equivalence: 'equivalent', dependsOn: [{ property: MONTH, value: 'june' }] },
            { code: 'ripe', equivalence: 'equivalent', dependsOn: [{ property: MONTH, value: 'september' }] },
          ],
        },
        { code: 'plum', target: [{ equivalence: 'unmatched' }] },
      ],
    },
  ],
};

describe('$translate', () => {
  const { post } = fruitWorld();
  const ask = async (coding: Json, ...more: Json[]) => {
    const given = { name: 'conceptMap', resource: MAP };
    const asked = { name: 'coding', valueCoding: { system: CS, ...coding } };
    return (await post('/ConceptMap/$translate', parameters(given, asked, ...more))).body;
  };
  const targets = (answer: Answer) =>
    answer.parameter
      .filter(({ name }) => name === 'match')
      .map(({ part = [] }) => {
        const concept = part.find(({ name }) => name === 'concept');
        return (concept?.valueCoding as Json | undefined)?.code;
      });
  const month = (code: string) => ({
    name: 'dependency',
    part: [
      { name: 'element', valueUri: MONTH },
      { name: 'concept', valueCodeableConcept: { coding: [{ code }] } },
    ],
  });

  test('a mapping that depends on another value does not hold', async () => {
    expect(targets(await ask({ code: 'apple' }))).toEqual(['green', 'ripe']);
    expect(targets(await ask({ code: 'apple' }, month('september')))).toEqual(['ripe']);
    expect(targets(await ask({ code: 'apple' }, month('may')))).toEqual([]);
    const bare = await post('/ConceptMap/$translate', parameters({ name: 'dependency', valueString: 'x' }));
    expect(bare.status).toBe(400);
  });

  test('what the map says has no match is told without a concept, and in words', async () => {
    const answer = await ask({ code: 'plum' });
    expect([value(answer, 'result'), targets(answer)]).toEqual([false, [undefined]]);
    expect(value(answer, 'message')).toMatch('No translations found');
    expect(JSON.stringify(answer)).not.toContain('"concept"');
  });

  test.each([
    ['source', 'http://example.org/ValueSet/all', 2],
    ['source', 'http://example.org/ValueSet/first', 0],
    ['target', 'http://example.org/ValueSet/pips', 2],
    ['target', 'http://example.org/ValueSet/all', 0],
  ])('the %s %s finds %i', async (name, valueUri, count) => {
    expect(targets(await ask({ code: 'apple' }, { name, valueUri }))).toHaveLength(count);
  });

  test('codes of another version than the map is about are not mapped', async () => {
    expect(targets(await ask({ code: 'apple', version: '2.0' }))).toHaveLength(2);
    expect(targets(await ask({ code: 'apple', version: '1.0' }))).toEqual([]);
  });

  test('what a group says of codes that it does not have is about its own target', async () => {
    const OTHER = 'http://example.org/CodeSystem/other';
    const element = (code: string, to: string) => ({ code, target: [{ code: to, equivalence: 'equal' }] });
    const group = [
      { source: CS, target: PIPS, element: [element('apple', 'green')] },
      {
        source: CS,
        target: PIPS,
        element: [element('plum', 'blue')],
        unmapped: { mode: 'fixed', code: 'no' },
      },
      { source: CS, target: OTHER, element: [element('plum', 'p')], unmapped: { mode: 'provided' } },
    ];
    const map = { resourceType: 'ConceptMap', url: 'http://example.org/three', status: 'active', group };
    const translate = async (code: string) => {
      const given = [
        { name: 'conceptMap', resource: map },
        { name: 'coding', valueCoding: { system: CS, code } },
      ];
      return targets((await post('/ConceptMap/$translate', parameters(...given))).body);
    };
    expect(await translate('apple')).toEqual(['green', 'apple']);
    expect(await translate('plum')).toEqual(['blue', 'p']);
    expect(await translate('pear')).toEqual(['no', 'pear']);
  });
});
