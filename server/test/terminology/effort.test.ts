import { describe, expect, test } from '@jest/globals';
import { MATCHES_MAX } from '../../src/terminology/translation/match.ts';
import { Effort, EFFORT_MAX } from '../../src/terminology/valueSets/effort.ts';
import { CS, fruitWorld, parameters, valueSet, VS, type Json } from './fruitWorld.ts';

const each = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const MAPS = 'http://example.org/ConceptMap';

describe('what one question about value sets and maps may cost', () => {
  const { post } = fruitWorld();
  const brought = (resource: Json) => ({ name: 'tx-resource', resource });
  const whyNot = async (url: string, ...asked: Json[]) => {
    const { status, body } = await post(url, parameters(...asked));
    return `${status} ${body.issue[0]!.code}`;
  };
  // Each includes the next two: on the way down there are a million million ways to the last.
  const ladder = each(60, (i) => {
    const next = [i + 1, i + 2].map((one) => ({ valueSet: [`${VS}/step-${one}`] }));
    return valueSet(`step-${i}`, { include: i < 58 ? next : [{ system: CS, concept: [{ code: 'apple' }] }] });
  });
  const top = { name: 'url', valueUri: `${VS}/step-0` };

  test('value sets that include each other on many ways', async () => {
    const sent = ladder.map(brought);
    expect(await whyNot('/ValueSet/$expand', top, ...sent)).toBe('422 too-costly');
    const code = { name: 'coding', valueCoding: { system: CS, code: 'plum' } };
    expect(await whyNot('/ValueSet/$validate-code', top, code, ...sent)).toBe('422 too-costly');
    const bare = [
      { name: 'code', valueCode: 'plum' },
      { name: 'inferSystem', valueBoolean: true },
    ];
    expect(await whyNot('/ValueSet/$validate-code', top, ...bare, ...sent)).toBe('422 too-costly');
  });

  test('many codes, and as many that are excluded', async () => {
    const concept = (prefix: string) => each(10_000, (i) => ({ code: `${prefix}${i}` }));
    const exclude = concept('x').map((one) => ({ system: CS, concept: [one] }));
    const many = valueSet('many', {
      include: [{ system: 'http://nobody/has', concept: concept('c') }],
      exclude,
    });
    expect(await whyNot('/ValueSet/$expand', { name: 'valueSet', resource: many })).toBe('422 too-costly');
  });

  test('maps that send each other on in many groups', async () => {
    const map = (i: number) => {
      const group = { source: CS, target: CS, element: [{ code: 'none' }] };
      const unmapped = { mode: 'other-map', url: `${MAPS}/${i + 1}` };
      return {
        resourceType: 'ConceptMap',
        url: `${MAPS}/${i}`,
        status: 'active',
        group: each(20, () => ({ ...group, ...(i < 9 && { unmapped }) })),
      };
    };
    const asked = [
      { name: 'url', valueUri: `${MAPS}/0` },
      { name: 'coding', valueCoding: { system: CS, code: 'apple' } },
    ];
    const sent = each(10, (i) => brought(map(i)));
    expect(await whyNot('/ConceptMap/$translate', ...asked, ...sent)).toBe('422 too-costly');
  });

  test('a map with more matches than an answer holds', async () => {
    const target = each(MATCHES_MAX / 100 + 1, (i) => ({ code: `c${i}`, equivalence: 'equivalent' }));
    const group = each(100, () => ({ source: CS, target: CS, element: [{ code: 'apple', target }] }));
    const resource = { resourceType: 'ConceptMap', status: 'active', group };
    const asked = [
      { name: 'conceptMap', resource },
      { name: 'coding', valueCoding: { system: CS, code: 'apple' } },
    ];
    expect(await whyNot('/ConceptMap/$translate', ...asked)).toBe('422 too-costly');
  });

  test('others have their turn meanwhile', async () => {
    const effort = new Effort();
    expect(effort.spend()).toBeUndefined();
    await expect(effort.spend(EFFORT_MAX / 2)).resolves.toBeUndefined();
    expect(() => effort.spend(EFFORT_MAX)).toThrow('takes too long');
  });
});
