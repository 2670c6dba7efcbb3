import { beforeAll, describe, expect, test } from '@jest/globals';
import { createReading, type Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

describe('the url of a canonical resource, with a version', () => {
  const exact = (...uris: string[]) => ({ kind: 'uri', parameter: 'url', match: 'exact', uris });
  const version = (code: string) => ({ kind: 'token', parameter: 'version', tokens: [{ code }] });

  test.each([
    ['ValueSet', 'url=http://x/a|2.0', { kind: 'and', conditions: [exact('http://x/a'), version('2.0')] }],
    [
      'ValueSet',
      'url=http://x/a|2.0,http://x/b,http://x/c|',
      {
        kind: 'or',
        conditions: [
          exact('http://x/b', 'http://x/c'),
          { kind: 'and', conditions: [exact('http://x/a'), version('2.0')] },
        ],
      },
    ],
    [
      'ValueSet',
      '_filter=url eq "http://x/a|2"',
      { kind: 'and', conditions: [exact('http://x/a'), version('2')] },
    ],
    // Its address is no canonical.
    ['Subscription', 'url=http://x/a|2.0', exact('http://x/a|2.0')],
  ])('%s?%s', (type, query, condition) => {
    expect(reading.conditions(type, query)).toEqual([condition]);
  });

  test('each type is asked for its own version', () => {
    const { searches } = reading.parse('', '_type=StructureMap,ValueSet,TestScript&url=http://x/a|2').query;
    const versions = searches.map(({ type, conditions: [condition] }) => {
      const [, token] = condition?.kind === 'and' ? condition.conditions : [];
      return (
        token?.kind === 'token' && token.parameter === reading.definitions.searchParameter(type, 'version')
      );
    });
    expect(versions).toEqual([true, true, true]);
  });
});

describe(':below of canonical references', () => {
  const below = (parameter: string, urls: string[], uris: string[]) => ({
    kind: 'and',
    conditions: [
      { kind: 'reference', parameter, references: urls.map((value) => ({ value })) },
      { kind: 'uri', parameter, match: 'version-below', uris },
    ],
  });

  test.each([
    [
      'QuestionnaireResponse',
      'questionnaire:below=http://x/q|2,http://x/r',
      below('questionnaire', ['http://x/q', 'http://x/r'], ['http://x/q|2', 'http://x/r']),
    ],
    ['StructureDefinition', 'base:below=http://x/b', below('base', ['http://x/b'], ['http://x/b'])],
    [
      'Task',
      'focus:below=http://x/q|2,Location/1',
      {
        kind: 'or',
        conditions: [
          below('focus', ['http://x/q'], ['http://x/q|2']),
          {
            kind: 'reference-hierarchy',
            direction: 'below',
            type: 'Location',
            by: 'partof',
            parameter: 'focus',
            references: [{ value: 'Location/1' }],
          },
        ],
      },
    ],
  ])('%s?%s', (type, query, condition) => {
    expect(reading.conditions(type, query)).toEqual([condition]);
  });

  test.each([
    [
      'StructureDefinition',
      'base:above=http://x/b|1',
      "':above' of 'base' cannot look for versions before the one given: use :below, or give url|version of each.",
    ],
    [
      'AllergyIntolerance',
      'patient:below=http://x/p|1',
      "':below' needs references that make a hierarchy, and those of 'patient' of AllergyIntolerance make none.",
    ],
    [
      'DocumentReference',
      'contenttype:below=http://x|text/xml',
      "The value of 'contenttype:below' is no MIME type without parameters: write one such as text/xml, or text for all texts.",
    ],
  ])('%s?%s is refused', (type, query, text) => {
    expect(reading.issues(type, query).map((issue) => issue.diagnostics)).toEqual([text]);
  });
});
