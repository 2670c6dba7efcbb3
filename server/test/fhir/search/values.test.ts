import { beforeAll, describe, expect, test } from '@jest/globals';
import { createReading, type Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

const ms = (text: string) => Date.parse(text);
const url = encodeURIComponent;

describe('strings', () => {
  test.each([
    ['name=Eve', { match: 'starts-with', values: ['Eve'] }],
    ['name=Eve,Adam', { match: 'starts-with', values: ['Eve', 'Adam'] }],
    ['name=a%5C,b', { match: 'starts-with', values: ['a,b'] }],
    ['name=a%5C%5Cb%5C$c%5C|d', { match: 'starts-with', values: ['a\\b$c|d'] }],
    ['name=a$b|c', { match: 'starts-with', values: ['a$b|c'] }],
    ['name=van der Berg', { match: 'starts-with', values: ['van der Berg'] }],
    ['name:exact=Eve', { match: 'exact', values: ['Eve'] }],
    ['name:contains=ve', { match: 'contains', values: ['ve'] }],
    ['name=gt5', { match: 'starts-with', values: ['gt5'] }],
  ])('%s', (query, expected) => {
    expect(reading.conditions('Patient', query)).toEqual([
      { kind: 'string', parameter: 'name', ...expected },
    ]);
  });

  test.each([
    [
      'name=%20',
      "value http.name: The value of 'name' is only white space: write some text, or use :missing.",
    ],
    ['name=a,,b', "invalid http.name: Value 2 of 'name' is empty: leave out a comma that separates nothing."],
    ['name=a,', "invalid http.name: Value 2 of 'name' is empty: leave out a comma that separates nothing."],
    [
      'name=',
      "invalid http.name: The search parameter 'name' has an empty value: give a value, or leave the parameter out.",
    ],
    [
      'name=ok,a%5Cb',
      "value http.name: Value 2 of 'name' has a backslash that escapes nothing: write \\\\ for a backslash; \\, \\| and \\$ are the other escapes.",
    ],
    [
      'name=a%00b',
      "invalid http.name: The parameter 'name' has a character that no text can have (NUL or half a surrogate pair).",
    ],
  ])('%s is refused', (query, text) => {
    expect(reading.refusals('Patient', query)).toEqual([text]);
  });
});

describe('tokens', () => {
  test.each([
    ['final', { code: 'final' }],
    ['http://loinc.org|8480-6', { system: 'http://loinc.org', code: '8480-6' }],
    ['|final', { system: '', code: 'final' }],
    ['http://loinc.org|', { system: 'http://loinc.org' }],
    ['a%5C|b', { code: 'a|b' }],
    ['urn:x|a%5C,b', { system: 'urn:x', code: 'a,b' }],
  ])('code=%s', (value, token) => {
    expect(reading.conditions('Observation', `code=${value}`)).toEqual([
      { kind: 'token', parameter: 'code', tokens: [token] },
    ]);
  });

  test.each(['|', 'a|b|c', '||', 'a,|'])('code=%s is refused', (value) => {
    const subject = value.includes(',') ? 'Value 2' : 'The value';
    expect(reading.refusals('Observation', `code=${value}`)).toEqual([
      `value http.code: ${subject} of 'code' is no token: write code, system|code, |code (without a system) or system| (any of its codes); a | within a part is \\|.`,
    ]);
  });

  test.each([
    [
      'code:not=a,b',
      {
        kind: 'not',
        condition: { kind: 'token', parameter: 'code', tokens: [{ code: 'a' }, { code: 'b' }] },
      },
    ],
    [
      'code:text=head%5C,ache,x',
      { kind: 'token-text', parameter: 'code', match: 'starts-with', texts: ['head,ache', 'x'] },
    ],
    [
      'identifier:of-type=http://x|MR|12%5C|3',
      {
        kind: 'of-type',
        parameter: 'identifier',
        values: [{ system: 'http://x', code: 'MR', value: '12|3' }],
      },
    ],
  ])('%s', (query, condition) => {
    expect(reading.conditions('Observation', query)).toEqual([condition]);
  });

  test.each(['MR|1', 'http://x|MR|', '|MR|1', 'http://x||1', 'a|b|c|d'])(
    'identifier:of-type=%s is refused',
    (value) => {
      expect(reading.refusals('Patient', `identifier:of-type=${value}`)).toEqual([
        "value http.identifier:of-type: The value of 'identifier:of-type' does not name an identifier by its type: write system|code|value, the system and code of Identifier.type and the identifier, none of them empty.",
      ]);
    },
  );
});

describe('references', () => {
  const subject = (reference: object) => [
    { kind: 'reference', parameter: 'subject', references: [reference] },
  ];

  test.each([
    ['subject=1', { value: '1' }],
    ['subject=Patient/1', { value: 'Patient/1' }],
    ['subject=Patient/1/_history/2', { value: 'Patient/1/_history/2' }],
    [`subject=${url('http://example.org/fhir/Patient/1')}`, { value: 'http://example.org/fhir/Patient/1' }],
    [
      'subject=urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
      { value: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' },
    ],
    ['subject:Patient=1', { value: '1', targetType: 'Patient' }],
    ['subject:Patient=Patient/1', { value: 'Patient/1', targetType: 'Patient' }],
  ])('%s', (query, reference) => {
    expect(reading.conditions('Observation', query)).toEqual(subject(reference));
  });

  test('a canonical may have a version', () => {
    expect(reading.conditions('QuestionnaireResponse', 'questionnaire=http://x/q|1.0')).toEqual([
      { kind: 'reference', parameter: 'questionnaire', references: [{ value: 'http://x/q|1.0' }] },
    ]);
  });

  test('to anything: also to an account', () => {
    expect(reading.conditions('AuditEvent', 'entity=User/1')).toEqual([
      { kind: 'reference', parameter: 'entity', references: [{ value: 'User/1' }] },
    ]);
  });

  test(':identifier is a token', () => {
    expect(reading.conditions('Observation', 'subject:identifier=http://x|1,2')).toEqual([
      {
        kind: 'reference-identifier',
        parameter: 'subject',
        tokens: [{ system: 'http://x', code: '1' }, { code: '2' }],
      },
    ]);
  });

  test.each([
    [
      'subject=Observation/1',
      "The value of 'subject' names the type Observation, which 'subject' does not refer to: it refers to Device, Group, Location and Patient.",
    ],
    ['subject=Pat/1', "The value of 'subject' names a type that is no resource type of R4."],
    [
      'subject:Group=Patient/1',
      "The value of 'subject:Group' names the type Patient, but the modifier :Group: write one of them.",
    ],
    ...[
      'subject=%23a',
      'subject=a b',
      'subject=Patient/',
      'subject=Patient/a_b',
      'subject=Patient/1/_history/',
      'subject=/1',
    ].map((query) => [
      query,
      "The value of 'subject' is no reference: write id, Type/id, Type/id/_history/version or an absolute URL.",
    ]),
  ])('%s is refused', (query, text) => {
    expect(reading.issues('Observation', query!).map((issue) => issue.diagnostics)).toEqual([text]);
  });
});

describe('uris', () => {
  test.each([
    ['url=http://x/a', { match: 'exact', uris: ['http://x/a'] }],
    ['url=urn:oid:1.2.3,http://x', { match: 'exact', uris: ['urn:oid:1.2.3', 'http://x'] }],
    ['url:below=http://x/a', { match: 'below', uris: ['http://x/a'] }],
    ['url:above=http://x/a/b', { match: 'above', uris: ['http://x/a/b'] }],
  ])('%s', (query, expected) => {
    expect(reading.conditions('ValueSet', query)).toEqual([{ kind: 'uri', parameter: 'url', ...expected }]);
  });

  test.each([
    [
      'url=a b',
      "value http.url: The value of 'url' is no URI: it has white space, which is %20 within a URI.",
    ],
    [
      'url:below=urn:oid:1.2',
      "value http.url:below: The value of 'url:below' is a URN, and those have no hierarchy: :above and :below take URLs.",
    ],
  ])('%s is refused', (query, text) => {
    expect(reading.refusals('ValueSet', query)).toEqual([text]);
  });
});

describe('parameters of all resources', () => {
  const span2020 = {
    lo: ms('2020-01-01T00:00:00Z'),
    hi: ms('2020-12-31T23:59:59.999Z'),
    exact: ms('2020-01-01T00:00:00Z'),
  };
  test.each([
    ['_id=a,b', { kind: 'id', ids: ['a', 'b'] }],
    ['_id:not=a', { kind: 'not', condition: { kind: 'id', ids: ['a'] } }],
    ['_id:missing=true', { kind: 'constant', value: false }],
    ['_id:missing=false', { kind: 'constant', value: true }],
    ['_lastUpdated=gt2020', { kind: 'last-updated', comparisons: [{ prefix: 'gt', ...span2020 }] }],
    ['_lastUpdated:missing=true', { kind: 'constant', value: false }],
    [
      '_text=bone AND "left leg"',
      {
        kind: 'full-text',
        where: 'narrative',
        query: {
          kind: 'and',
          parts: [
            { kind: 'words', text: 'bone' },
            { kind: 'words', text: 'left leg' },
          ],
        },
      },
    ],
    [
      '_content=bone,liver',
      {
        kind: 'or',
        conditions: [
          { kind: 'full-text', where: 'content', query: { kind: 'words', text: 'bone' } },
          { kind: 'full-text', where: 'content', query: { kind: 'words', text: 'liver' } },
        ],
      },
    ],
    ['_list=42,List/43', { kind: 'list', ids: ['42', '43'] }],
    ['_tag=http://x|a', { kind: 'token', parameter: '_tag', tokens: [{ system: 'http://x', code: 'a' }] }],
    [
      '_security:not=R',
      { kind: 'not', condition: { kind: 'token', parameter: '_security', tokens: [{ code: 'R' }] } },
    ],
    ['_profile:below=http://x', { kind: 'uri', parameter: '_profile', match: 'below', uris: ['http://x'] }],
    ['_source=http://x', { kind: 'uri', parameter: '_source', match: 'exact', uris: ['http://x'] }],
  ])('%s', (query, condition) => {
    expect(reading.conditions('Patient', query)).toEqual([condition]);
  });

  test.each([
    ['_id=a/b', "value http._id: The value of '_id' is no id: ids are 1 to 64 letters, digits, '-' and '.'."],
    [
      '_id:exact=a',
      "not-supported http._id:exact: '_id' of Patient does not take the modifier ':exact'. It takes :missing and :not.",
    ],
    [
      '_lastUpdated=now',
      "value http._lastUpdated: The value of '_lastUpdated' is no date: write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.fff]][Z|+hh:mm|-hh:mm], a day and time that exist.",
    ],
    [
      '_lastUpdated:not=2020',
      "not-supported http._lastUpdated:not: '_lastUpdated' of Patient does not take the modifier ':not'. It takes :missing.",
    ],
    [
      '_text:missing=true',
      "not-supported http._text:missing: '_text' of Patient does not take the modifier ':missing'. It takes none.",
    ],
    [
      '_list=$current-problems',
      'not-supported http._list: _list does not know functional lists such as $current-problems here: give the ids of List resources.',
    ],
    [
      '_list=Patient/1',
      "value http._list: The value of '_list' is no List: write the id of a List resource, or List/id.",
    ],
    ['_query=mine', 'not-supported http._query: There are no named queries here: leave _query out.'],
    [
      '_type=Patient',
      'not-supported http._type: _type is for searches across types: this search is of one type already.',
    ],
  ])('%s is refused', (query, text) => {
    expect(reading.refusals('Patient', query)).toEqual([text]);
  });

  test('a type without narrative has no _text', () => {
    expect(reading.refusals('Binary', '_text=a')).toEqual([
      "not-supported http._text: Binary has no narrative, so there is no '_text' of it to search: use _content.",
    ]);
  });
});
