import { beforeAll, describe, expect, test } from '@jest/globals';
import { createReading, type Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

const filter = (type: string, text: string) =>
  reading.conditions(type, `_filter=${encodeURIComponent(text)}`);
const refusals = (type: string, text: string) =>
  reading.issues(type, `_filter=${encodeURIComponent(text)}`).map(({ code, expression, diagnostics }) => {
    expect(expression).toEqual(['http._filter']);
    return `${code}: ${diagnostics}`;
  });

const string = (parameter: string, match: string, value: string) => ({
  kind: 'string',
  parameter,
  match,
  values: [value],
});
const token = (parameter: string, code: string, system?: string) => ({
  kind: 'token',
  parameter,
  tokens: [system === undefined ? { code } : { system, code }],
});
const all = (...conditions: unknown[]) => ({ kind: 'and', conditions });
const any = (...conditions: unknown[]) => ({ kind: 'or', conditions });
const words = (text: string) => ({ kind: 'words', text });
const not = (condition: unknown) => ({ kind: 'not', condition });
const chain = (parameter: string, ...targets: [string, unknown][]) => ({
  kind: 'chain',
  parameter,
  targets: targets.map(([type, condition]) => ({ type, condition })),
});
const day = (text: string) => ({
  lo: Date.parse(`${text}T00:00:00Z`),
  hi: Date.parse(`${text}T23:59:59.999Z`),
  exact: Date.parse(`${text}T00:00:00Z`),
});

describe('logic', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((value) => token('gender', value)) as [
    object,
    object,
    object,
    object,
  ];
  test.each([
    ['gender eq a', a],
    ['(gender eq a)', a],
    [' ( ( gender eq a ) ) ', a],
    ['gender eq a and gender eq b', all(a, b)],
    ['gender eq a and gender eq b and gender eq c', all(a, b, c)],
    // No precedence: from left to right.
    ['gender eq a or gender eq b and gender eq c', all(any(a, b), c)],
    ['gender eq a and gender eq b or gender eq c', any(all(a, b), c)],
    ['gender eq a or gender eq b and gender eq c or gender eq d', any(all(any(a, b), c), d)],
    ['gender eq a or (gender eq b and gender eq c)', any(a, all(b, c))],
    ['(gender eq a and gender eq b) and gender eq c', all(all(a, b), c)],
    ['gender eq a and(gender eq b)and not(gender eq c)', all(a, b, not(c))],
    ['not(gender eq a)', not(a)],
    ['not (not (gender eq a or gender eq b))', not(not(any(a, b)))],
  ])('%s', (text, condition) => {
    expect(filter('Patient', text)).toEqual([condition]);
  });

  test('several filters must all hold, beside other parameters', () => {
    expect(reading.conditions('Patient', '_filter=gender eq a&gender=b&_filter=gender eq c')).toEqual([
      a,
      b,
      c,
    ]);
  });
});

describe('operators', () => {
  const quantity = { exact: 5.4, lo: 5.35, hi: 5.45 };
  test.each([
    ['Patient', 'name co "pet"', string('name', 'contains', 'pet')],
    ['Patient', 'name sw pet', string('name', 'starts-with', 'pet')],
    ['Patient', 'name ew pet', string('name', 'ends-with', 'pet')],
    ['Patient', 'given eq "peter"', string('given', 'equals', 'peter')],
    [
      'ValueSet',
      'title ne peter',
      all({ kind: 'missing', parameter: 'title', missing: false }, not(string('title', 'equals', 'peter'))),
    ],
    [
      'Patient',
      'organization ne 1',
      all(
        { kind: 'missing', parameter: 'organization', missing: false },
        not({ kind: 'reference', parameter: 'organization', references: [{ value: '1' }] }),
      ),
    ],
    ['Patient', 'given pr true', { kind: 'missing', parameter: 'given', missing: false }],
    ['Patient', 'given pr false', { kind: 'missing', parameter: 'given', missing: true }],
    [
      'Patient',
      'birthdate ge 2014-10-10',
      { kind: 'date', parameter: 'birthdate', comparisons: [{ prefix: 'ge', ...day('2014-10-10') }] },
    ],
    [
      'Patient',
      'birthdate sa "2014-10-10"',
      { kind: 'date', parameter: 'birthdate', comparisons: [{ prefix: 'sa', ...day('2014-10-10') }] },
    ],
    [
      'RiskAssessment',
      'probability lt 5.4',
      { kind: 'number', parameter: 'probability', comparisons: [{ prefix: 'lt', ...quantity }] },
    ],
    [
      'RiskAssessment',
      'probability ne 5.4',
      { kind: 'number', parameter: 'probability', comparisons: [{ prefix: 'ne', ...quantity }] },
    ],
    [
      'Observation',
      'value-quantity gt 5.4',
      { kind: 'quantity', parameter: 'value-quantity', quantities: [{ prefix: 'gt', ...quantity }] },
    ],
    [
      'Observation',
      'value-quantity ap 5.4|ucum|mg',
      {
        kind: 'quantity',
        parameter: 'value-quantity',
        quantities: [{ prefix: 'ap', ...quantity, system: 'http://unitsofmeasure.org', code: 'mg' }],
      },
    ],
    ['Observation', 'code eq http://loinc.org|1234-5', token('code', '1234-5', 'http://loinc.org')],
    ['Observation', 'code eq loinc|1234-5', token('code', '1234-5', 'http://loinc.org')],
    ['Observation', 'code eq snomed|1', token('code', '1', 'http://snomed.info/sct')],
    ['Observation', 'code eq rxnorm|1', token('code', '1', 'http://www.nlm.nih.gov/research/umls/rxnorm')],
    ['Observation', 'code eq loinc', token('code', 'loinc')],
    [
      'Observation',
      'code ne x',
      all({ kind: 'missing', parameter: 'code', missing: false }, not(token('code', 'x'))),
    ],
    [
      'Observation',
      'code co "lood p"',
      { kind: 'token-text', parameter: 'code', match: 'contains', texts: ['lood p'] },
    ],
    [
      'Observation',
      'code sw blood',
      { kind: 'token-text', parameter: 'code', match: 'starts-with', texts: ['blood'] },
    ],
    [
      'Observation',
      'subject re Patient/4',
      { kind: 'reference', parameter: 'subject', references: [{ value: 'Patient/4' }] },
    ],
    [
      'Observation',
      'subject eq 4',
      { kind: 'reference', parameter: 'subject', references: [{ value: '4' }] },
    ],
    ['ValueSet', 'url eq http://x', { kind: 'uri', parameter: 'url', match: 'exact', uris: ['http://x'] }],
    ['ValueSet', 'url co x', { kind: 'uri', parameter: 'url', match: 'contains', uris: ['x'] }],
    [
      'ValueSet',
      'url sw http://x',
      { kind: 'uri', parameter: 'url', match: 'starts-with', uris: ['http://x'] },
    ],
    ['ValueSet', 'url ew x', { kind: 'uri', parameter: 'url', match: 'ends-with', uris: ['x'] }],
    [
      'Observation',
      'code-value-concept eq a|b$c',
      {
        kind: 'composite',
        parameter: 'code-value-concept',
        values: [
          [
            { kind: 'token', token: { system: 'a', code: 'b' } },
            { kind: 'token', token: { code: 'c' } },
          ],
        ],
      },
    ],
    [
      'Location',
      'near eq 1|2|3|m',
      { kind: 'near', parameter: 'near', places: [{ latitude: 1, longitude: 2, distanceM: 3 }] },
    ],
    ['Patient', '_id eq a', { kind: 'id', ids: ['a'] }],
    ['Patient', '_id ne a', not({ kind: 'id', ids: ['a'] })],
    ['Patient', '_id pr true', { kind: 'constant', value: true }],
    ['Patient', '_lastUpdated pr false', { kind: 'constant', value: false }],
    [
      'Patient',
      '_lastUpdated gt 2020-01-01',
      { kind: 'last-updated', comparisons: [{ prefix: 'gt', ...day('2020-01-01') }] },
    ],
    ['Patient', '_text co "leg"', { kind: 'full-text', where: 'narrative', query: words('leg') }],
    ['Patient', '_content eq leg', { kind: 'full-text', where: 'content', query: words('leg') }],
    ['Patient', '_list eq 42', { kind: 'list', ids: ['42'] }],
  ])('%s: %s', (type, text, condition) => {
    expect(filter(type, text)).toEqual([condition]);
  });
});

describe('values', () => {
  test.each([
    ['name eq "a b"', 'a b'],
    ['name eq "a) and (b]"', 'a) and (b]'],
    ['name eq "say \\"hi\\" \\\\ \\u00e9"', 'say "hi" \\ é'],
    ['name eq a,b$c|d', 'a,b$c|d'],
    ['name eq a\\b', 'a\\b'],
    ['name eq "and"', 'and'],
    ['name eq and', 'and'],
    ['name eq Zoë', 'Zoë'],
    ['(name eq x"y)', 'x"y'],
  ])('%s', (text, value) => {
    expect(filter('Patient', text)).toEqual([string('name', 'equals', value)]);
  });
});

describe('paths', () => {
  const name = string('name', 'contains', 'pet');
  const active = token('active', 'true');
  test.each([
    ['Observation', 'subject.name co pet', chain('subject', ['Patient', name], ['Location', name])],
    ['Observation', 'subject:Patient.name co pet', chain('subject', ['Patient', name])],
    [
      'Observation',
      'patient.organization.name co pet',
      chain('patient', ['Patient', chain('organization', ['Organization', name])]),
    ],
    ['Observation', 'subject[active eq true].name co pet', chain('subject', ['Patient', all(active, name)])],
    [
      'Observation',
      'subject:Patient[active eq true or name co pet].name co pet',
      chain('subject', ['Patient', all(any(active, name), name)]),
    ],
    [
      'Observation',
      'patient[not(organization[active eq true].name co pet)].active eq true',
      chain('patient', [
        'Patient',
        all(not(chain('organization', ['Organization', all(active, name)])), active),
      ]),
    ],
    [
      'Patient',
      '_has:Observation:patient:code eq x',
      { kind: 'has', type: 'Observation', parameter: 'patient', condition: token('code', 'x') },
    ],
    [
      'Patient',
      '_has:Observation:patient:encounter:Encounter.status eq x',
      {
        kind: 'has',
        type: 'Observation',
        parameter: 'patient',
        condition: chain('encounter', ['Encounter', token('status', 'x')]),
      },
    ],
    [
      'Observation',
      'patient._has:Group:member:_id eq g',
      chain('patient', [
        'Patient',
        { kind: 'has', type: 'Group', parameter: 'member', condition: { kind: 'id', ids: ['g'] } },
      ]),
    ],
    // Names that begin with a keyword are names.
    ['Condition', 'notebook eq x', undefined],
    [
      'DocumentReference',
      'relatesTo[code eq replaces].target re DocumentReference/4',
      {
        kind: 'composite',
        parameter: 'relationship',
        values: [
          [
            { kind: 'token', token: { code: 'replaces' } },
            { kind: 'reference', reference: { value: 'DocumentReference/4' } },
          ],
        ],
      },
    ],
    [
      'Group',
      'characteristic[value eq a].code eq b',
      {
        kind: 'composite',
        parameter: 'characteristic-value',
        values: [
          [
            { kind: 'token', token: { code: 'b' } },
            { kind: 'token', token: { code: 'a' } },
          ],
        ],
      },
    ],
  ])('%s: %s', (type, text, condition) => {
    if (condition) expect(filter(type, text)).toEqual([condition]);
    else
      expect(refusals(type, text)[0]).toMatch(
        /^not-supported: _filter, character 1: Condition has no search parameter 'notebook'/,
      );
  });
});
