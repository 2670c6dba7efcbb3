import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PageResource } from '../../../../src/store/search/include/includer.ts';
import { IncludeWorld, OWN_BASE } from './support.ts';

const URL = 'http://example.org/fhir/Questionnaire/pain';
const reverse = { reverse: true };

describe('includes along canonical references', () => {
  let world: IncludeWorld;
  let first: PageResource;
  let second: PageResource;
  const answers = (questionnaire: string, id: string) =>
    world.put(`QuestionnaireResponse/${id}`, { questionnaire });

  beforeAll(async () => {
    world = await IncludeWorld.open();
    first = await world.put('Questionnaire/one', { url: URL, version: '1' });
    second = await world.put('Questionnaire/two', { url: URL, version: '2' });
    await world.put('Questionnaire/other', { url: `${URL}s`, version: '1' });
    await world.put('Library/same-url', { url: URL });
  });

  afterAll(() => world.close());

  test.each([
    [URL, ['Questionnaire/one', 'Questionnaire/two']],
    [`${URL}|1`, ['Questionnaire/one']],
    [`${URL}|2#part`, ['Questionnaire/two']],
    [`${URL}|3`, []],
    ['Questionnaire/two', ['Questionnaire/two']],
    [`${OWN_BASE}/Questionnaire/two`, ['Questionnaire/two']],
    ['http://example.org/none', []],
  ])('%s', async (questionnaire, expected) => {
    const response = await answers(questionnaire, 'forward');
    const includes = [world.include('QuestionnaireResponse:questionnaire')];
    expect(await world.along([response], includes)).toEqual(expected);
    await world.delete('QuestionnaireResponse/forward');
  });

  test('a resource is found by those that name its version or none', async () => {
    await answers(URL, 'any');
    await answers(`${URL}|1`, 'v1');
    await answers(`${URL}|2`, 'v2');
    await answers('Questionnaire/one', 'by-id');
    const includes = [world.include('QuestionnaireResponse:questionnaire', reverse)];
    expect((await world.along([first], includes)).sort()).toEqual([
      'QuestionnaireResponse/any',
      'QuestionnaireResponse/by-id',
      'QuestionnaireResponse/v1',
    ]);
    expect((await world.along([second], includes)).sort()).toEqual([
      'QuestionnaireResponse/any',
      'QuestionnaireResponse/v2',
    ]);
    const wildcard = [world.include('*', reverse)];
    expect((await world.along([second], wildcard)).sort()).toEqual([
      'QuestionnaireResponse/any',
      'QuestionnaireResponse/v2',
    ]);
  });

  test('the target type chooses among resources of one url', async () => {
    const plan = await world.put('PlanDefinition/p', { action: [{ definitionCanonical: URL }] });
    const along = (text: string) => world.along([plan], [world.include(text)]);
    expect(await along('PlanDefinition:definition:Questionnaire')).toEqual([
      'Questionnaire/one',
      'Questionnaire/two',
    ]);
    expect(await along('PlanDefinition:definition:ActivityDefinition')).toEqual([]);
    expect(await along('PlanDefinition:*')).toEqual(['Questionnaire/one', 'Questionnaire/two']);
  });
});
