import { beforeAll, describe, expect, test } from '@jest/globals';
import type { SearchSupport } from '../../../src/fhir/search/parse.ts';
import { FULL_SUPPORT, createReading, type Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

describe('strict handling', () => {
  test('names all that is wrong, in the order of the query', () => {
    expect(
      reading
        .issues('Patient', 'nam=a&_count=x&birthdate=b&_sort=c&name=d&gender:exact=e')
        .map(({ expression }) => expression),
    ).toEqual([['http.nam'], ['http._count'], ['http.birthdate'], ['http._sort'], ['http.gender:exact']]);
  });
});

describe('lenient handling', () => {
  test('leaves out what is unknown, with a warning', () => {
    const query =
      'name=a&nam=b&gender:exact=c&family=&subject.x=d&organization.foo=e&_sort=g&_include=Patient:foo&_elements=h&_has:Observation:encounter:code=i&_count=5&birthdate=2020';
    const { query: found, used, ignored } = reading.parse('Patient', query, { handling: 'lenient' });
    expect(used).toEqual([
      ['name', 'a'],
      ['_count', '5'],
      ['birthdate', '2020'],
    ]);
    expect(found.searches[0]!.conditions.map(({ kind }) => kind)).toEqual(['string', 'date']);
    expect(found).toMatchObject({ count: 5, includes: [] });
    expect(found.elements).toBeUndefined();
    expect(ignored.map(({ severity, expression }) => [severity, expression![0]])).toEqual(
      [
        'nam',
        'gender:exact',
        'family',
        'subject.x',
        'organization.foo',
        '_sort',
        '_include',
        '_elements',
        '_has:Observation:encounter:code',
      ].map((name) => ['warning', `http.${name}`]),
    );
  });

  test('refuses what is written wrongly, and then names nothing else', () => {
    const query = 'nam=a&birthdate=b&_count=-1&name=a,,b&code:missing=x&_sort=,&_include=x&active=true';
    expect(
      reading.issues('Patient', query, { handling: 'lenient' }).map(({ expression }) => expression![0]),
    ).toEqual(['http.birthdate', 'http._count', 'http.name', 'http._sort', 'http._include']);
  });

  test('refuses _offset, without which every page would be the first one', () => {
    expect(reading.issues('Patient', '_offset=20&_count=20', { handling: 'lenient' })).toMatchObject([
      {
        code: 'not-supported',
        expression: ['http._offset'],
        diagnostics: expect.stringContaining('link next'),
      },
    ]);
  });

  test('a parameter that is left out at system level is left out of every type', () => {
    const { query, ignored } = reading.parse('', '_type=Patient,Observation&birthdate=2020&_id=a', {
      handling: 'lenient',
    });
    expect(query.searches.map(({ conditions }) => conditions.length)).toEqual([1, 1]);
    expect(ignored).toHaveLength(1);
  });

  test('strict and lenient agree where everything is right', () => {
    const query = 'name=a&birthdate=2020&_sort=name&_count=3';
    expect(reading.parse('Patient', query, { handling: 'lenient' })).toEqual(reading.parse('Patient', query));
  });
});

describe('what the store does not support', () => {
  const without = (code: string, modifier?: string): SearchSupport => ({
    ...FULL_SUPPORT,
    supports: (_type, parameter, asked) => !(parameter.code === code && asked === modifier),
  });

  test.each([
    ['name=x', without('name'), "'name' (of type string)"],
    ['name:exact=x', without('name', 'exact'), "'name' with modifier ':exact'"],
    ['organization.name=x', without('organization'), "'organization' (of type reference)"],
    ['_filter=name co x', without('name', 'contains'), "'name' with modifier ':contains'"],
    ['_filter=gender co x', without('gender', 'text'), "'gender' with modifier ':text'"],
    ['_filter=gender pr true', without('gender', 'missing'), "'gender' with modifier ':missing'"],
    ['_tag=x', without('_tag'), "'_tag' (of type token)"],
  ])('%s', (query, support, what) => {
    const text = `The search parameter ${what} of Patient cannot be searched by this server, or not yet: see its CapabilityStatement.`;
    const found = reading.issues('Patient', query, { support });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ code: 'not-supported', severity: 'error' });
    expect(found[0]!.diagnostics.replace(/^_filter, character 1: /, '')).toBe(text);
  });

  test('the parameter of a _has and of an include', () => {
    const support = without('patient');
    for (const query of ['_has:Observation:patient:code=x', '_revinclude=Observation:patient']) {
      expect(reading.issues('Patient', query, { support })[0]!.diagnostics).toMatch(
        /The search parameter 'patient' \(of type reference\) of Observation cannot be searched/,
      );
    }
  });

  test('the type that a reference must have is no modifier of the store', () => {
    const asked: unknown[] = [];
    const support: SearchSupport = {
      ...FULL_SUPPORT,
      supports: (type, parameter, modifier) => asked.push([type, parameter.code, modifier]) > 0,
    };
    reading.parse(
      'Observation',
      'subject:Patient=1&_id=a&_lastUpdated=2020&_text=a&_content=a&_list=b&code:not=c',
      { support },
    );
    expect(asked).toEqual([
      ['Observation', 'subject', undefined],
      ['Observation', 'code', 'not'],
    ]);
  });

  test('special and composite parameters of others that have no meaning here', () => {
    const parameter = { url: 'urn:x', code: 'odd', base: ['Patient'] };
    for (const [type, text] of [
      ['special', "The special parameter 'odd' of Patient has no meaning here."],
      ['composite', "The parts of the composite 'odd' are not defined here."],
    ] as const) {
      const definitions = {
        ...reading.definitions,
        searchParameter: () => ({
          ...parameter,
          type,
          component: [{ definition: 'urn:none', expression: 'x' }],
        }),
      };
      expect(() => reading.parse('Patient', 'odd=x', { definitions })).toThrow(text);
    }
  });
});

describe('limits', () => {
  test('50 parameters', () => {
    const pairs = (count: number) => Array(count).fill('name=x').join('&');
    expect(reading.parse('Patient', pairs(50)).used).toHaveLength(50);
    expect(reading.refusals('Patient', pairs(51))).toEqual([
      'too-costly -: The query has more than 50 parameters: split it into several.',
    ]);
  });

  test('10,000 values', () => {
    const values = (count: number) => `code=${Array(count).fill('x').join(',')}`;
    const [condition] = reading.parse('Observation', values(10_000)).query.searches[0]!.conditions;
    expect(condition).toMatchObject({ kind: 'token' });
    expect(reading.refusals('Observation', values(10_001))).toEqual([
      "too-costly http.code: 'code' has more than 10000 values: split the search into several.",
    ]);
    expect(reading.refusals('Observation', values(10_001), { handling: 'lenient' })).toHaveLength(1);
  });
});
