import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Condition } from '../../../../src/fhir/search/ast.ts';
import { ConditionWorld } from './support.ts';

describe('chains along canonicals', () => {
  let world: ConditionWorld;
  const URL = 'http://example.org/Questionnaire/q';

  beforeAll(async () => {
    world = await ConditionWorld.open();
    await world.putAll('Questionnaire', {
      one: { url: URL, version: '1', status: 'draft', title: 'One' },
      two: { url: URL, version: '2', status: 'active', title: 'Two' },
      three: { url: 'http://example.org/three', status: 'active', title: 'Three' },
    });
    await world.putAll('Library', {
      one: { url: URL, version: '1', status: 'draft', title: 'One' },
      two: {
        url: URL,
        version: '2',
        title: 'Two',
        relatedArtifact: [{ type: 'derived-from', resource: `${URL}|1` }],
      },
      // What it comes from has a URL of which `two` is another version: keys alone would take the one for the other.
      three: {
        url: 'http://example.org/three',
        title: 'Three',
        relatedArtifact: [{ type: 'derived-from', resource: URL }],
      },
    });
    await world.putAll('QuestionnaireResponse', {
      any: { questionnaire: URL },
      v1: { questionnaire: `${URL}|1` },
      v2: { questionnaire: `${URL}|2#item` },
      v3: { questionnaire: `${URL}|3` },
      'by-id': { questionnaire: 'Questionnaire/one' },
      three: { questionnaire: 'http://example.org/three' },
      none: {},
    });
  });
  afterAll(() => world.close());

  const title = (value: string): Condition => ({
    kind: 'string',
    parameter: world.parameter('Questionnaire', 'title'),
    match: 'starts-with',
    values: [value],
  });
  const answers = (condition: Condition): Condition => ({
    kind: 'chain',
    parameter: world.parameter('QuestionnaireResponse', 'questionnaire'),
    targets: [{ type: 'Questionnaire', condition }],
  });
  const id = (value: string): Condition => ({ kind: 'id', ids: [value] });

  test('lead to the version they name, or to each', async () => {
    const find = (condition: Condition) => world.find('QuestionnaireResponse', answers(condition));
    expect(await find(title('One'))).toEqual(['any', 'by-id', 'v1']);
    expect(await find(title('Two'))).toEqual(['any', 'v2']);
    expect(await find(title('T'))).toEqual(['any', 'three', 'v2']);
  });

  test('lead back', async () => {
    const find = (condition: Condition) =>
      world.find('Questionnaire', {
        kind: 'has',
        type: 'QuestionnaireResponse',
        parameter: world.parameter('QuestionnaireResponse', 'questionnaire'),
        condition,
      });
    expect(await find(id('any'))).toEqual(['one', 'two']);
    expect(await find(id('v2'))).toEqual(['two']);
    expect(await find(id('v3'))).toEqual([]);
    expect(await find(id('by-id'))).toEqual(['one']);
    expect(await find(id('three'))).toEqual(['three']);
  });

  test('within one type, a URL is not taken for a reference', async () => {
    const derived = (start: string): Condition => ({
      kind: 'chain',
      parameter: world.parameter('Library', 'derived-from'),
      targets: [
        {
          type: 'Library',
          condition: {
            kind: 'string',
            parameter: world.parameter('Library', 'title'),
            match: 'starts-with',
            values: [start],
          },
        },
      ],
    });
    const find = (start: string) => world.find('Library', derived(start));
    expect(await find('Three')).toEqual([]);
    expect(await find('One')).toEqual(['three', 'two']);
    expect(await find('Two')).toEqual(['three']);
  });
});
