import { beforeAll, describe, expect, test } from '@jest/globals';
import type { SearchQuery } from '../../../src/fhir/search/ast.ts';
import { createReading, type Options, type Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

const query = (type: string, text: string, options?: Options) =>
  reading.query(type, text, options) as SearchQuery;

const DEFAULTS = {
  count: 20,
  includes: [],
  summary: 'false',
  contained: 'false',
  containedType: 'container',
  explain: false,
};

describe('one word each', () => {
  test.each([
    ['', {}],
    ['_format=json&_pretty=true&_format=xml', {}],
    ['_count=0', { count: 0 }],
    ['_count=50', { count: 50 }],
    ['_count=1000', { count: 1000 }],
    ['_count=99999999999999999999', { count: 1000 }],
    ['_total=none', { total: 'none' }],
    ['_total=estimate', { total: 'estimate' }],
    ['_total=accurate', { total: 'accurate' }],
    ['_summary=true', { summary: 'true' }],
    ['_summary=text', { summary: 'text' }],
    ['_summary=data', { summary: 'data' }],
    ['_summary=false', { summary: 'false' }],
    ['_summary=count', { summary: 'count', count: 0 }],
    ['_summary=count&_count=5', { summary: 'count', count: 0 }],
    ['_contained=true&_containedType=contained', { contained: 'true', containedType: 'contained' }],
    ['_contained=both', { contained: 'both' }],
    ['_explain=true', { explain: true }],
    ['_explain=false', {}],
    ['_page=abc', { page: 'abc' }],
    ['_elements=name', { elements: ['name'] }],
    ['_elements=name,id,name,meta', { elements: ['name', 'id', 'meta'] }],
    ['_elements=deceased,multipleBirthInteger,deceased[x]', { elements: ['deceased', 'multipleBirth'] }],
    ['_elements=name&_summary=false', { elements: ['name'] }],
    ['_elements=name&_summary=count', { elements: ['name'], summary: 'count', count: 0 }],
  ])('%s', (text, expected) => {
    expect(query('Patient', text)).toEqual({
      searches: [{ type: 'Patient', conditions: [], sort: [] }],
      ...DEFAULTS,
      ...expected,
    });
  });

  test.each([
    ...['-1', '1.5', '', 'all', '1e3', '+5'].map((value) => [
      `_count=${encodeURIComponent(value)}`,
      'invalid http._count: _count must be a whole number from 0 to 1000.',
    ]),
    ['_total=yes', 'invalid http._total: _total must be one of none, estimate and accurate.'],
    ['_summary=all', 'invalid http._summary: _summary must be one of true, text, data, count and false.'],
    ['_contained=yes', 'invalid http._contained: _contained must be one of false, true and both.'],
    [
      '_containedType=x',
      'invalid http._containedType: _containedType must be one of container and contained.',
    ],
    ['_explain=1', 'invalid http._explain: _explain must be one of true and false.'],
    ['_count:exact=5', "not-supported http._count:exact: _count takes no modifier: leave out ':exact'."],
    [
      '_elements=name,',
      'invalid http._elements: _elements has an empty name: write element names separated by commas.',
    ],
    [
      '_elements=nam',
      "not-supported http._elements: _elements names 'nam', which is no top-level element of Patient. Patient has active, address, birthDate, communication, contact, contained, deceased, extension, gender, generalPractitioner, id, identifier, implicitRules, language, link, managingOrganization, maritalStatus, meta, modifierExtension, multipleBirth, name, photo, telecom and text.",
    ],
    [
      '_summary=text&_include=Patient:link',
      'invalid -: _summary=text cannot be combined with _include or _revinclude: leave one of them out.',
    ],
    [
      '_summary=true&_elements=name',
      'invalid -: _elements and _summary both choose elements: leave one of them out.',
    ],
    ...[
      '_count=1',
      '_total=none',
      '_summary=true',
      '_elements=name',
      '_contained=true',
      '_containedType=container',
      '_explain=true',
      '_page=a',
      '_sort=name',
    ].map((pair) => [
      `${pair}&${pair}`,
      `invalid http.${pair.split('=')[0]!}: ${pair.split('=')[0]!} stands more than once: give it once.`,
    ]),
  ])('%s is refused', (text, expected) => {
    expect(reading.refusals('Patient', text!)).toEqual([expected]);
  });

  test('100 elements', () => {
    const elements = (count: number) => `_elements=${Array(count).fill('name').join(',')}`;
    expect(query('Patient', elements(100)).elements).toEqual(['name']);
    expect(reading.refusals('Patient', elements(101))).toEqual([
      'too-costly http._elements: _elements has more than 100 names.',
    ]);
  });
});

describe('_sort', () => {
  const sort = (type: string, text: string) => query(type, text).searches[0]!.sort;

  test.each([
    ['_sort=name', [{ by: 'parameter', parameter: 'name', descending: false }]],
    [
      '_sort=-birthdate,_id,-_lastUpdated',
      [
        { by: 'parameter', parameter: 'birthdate', descending: true },
        { by: 'id', descending: false },
        { by: 'last-updated', descending: true },
      ],
    ],
    ['_sort=-_score&_content=a', [{ by: 'score', descending: true }]],
    ['_text=a,b&_sort=_score', [{ by: 'score', descending: false }]],
    [
      '_sort=_score&_filter=name eq x and (_text co y or active eq true)',
      [{ by: 'score', descending: false }],
    ],
    ['_sort=-_tag', [{ by: 'parameter', parameter: '_tag', descending: true }]],
  ])('%s', (text, expected) => {
    expect(sort('Patient', text)).toEqual(expected);
  });

  test.each([
    [
      '_sort=',
      'invalid http._sort: _sort has an empty key: write parameter names separated by commas, with - before them for descending order.',
    ],
    [
      '_sort=name,',
      'invalid http._sort: _sort has an empty key: write parameter names separated by commas, with - before them for descending order.',
    ],
    [
      '_sort=-',
      'invalid http._sort: _sort has an empty key: write parameter names separated by commas, with - before them for descending order.',
    ],
    [
      '_sort=name:exact',
      "not-supported http._sort: _sort takes no modifiers: leave out what follows the colon in 'name:exact'.",
    ],
    [
      '_sort=_score',
      'not-supported http._sort: _sort=_score needs a full-text search to rank by: add _content or _text, or sort by something else.',
    ],
    [
      '_sort=_score&organization._content=x',
      'not-supported http._sort: _sort=_score needs a full-text search to rank by: add _content or _text, or sort by something else.',
    ],
    [
      '_sort=near',
      "not-supported http._sort: Results cannot be sorted by 'near' (of type special) of Location, but by _content, _id, _lastUpdated, _profile, _query, _score, _security, _source, _tag, _text, address, address-city, address-country, address-postalcode, address-state, address-use, endpoint, identifier, name, operational-status, organization, partof, status and type.",
    ],
    [
      '_sort=birthplace',
      "not-supported http._sort: Location has no search parameter 'birthplace'. It has: _content, _filter, _has, _id, _lastUpdated, _list, _profile, _security, _source, _tag, _text, address, address-city, address-country, address-postalcode, address-state, address-use, endpoint, identifier, name, near, operational-status, organization, partof, status, type.",
    ],
  ])('%s is refused', (text, expected) => {
    expect(reading.refusals('Location', text)).toEqual([expected]);
  });

  test('10 keys', () => {
    expect(sort('Patient', `_sort=${Array(10).fill('name').join(',')}`)).toHaveLength(10);
    expect(reading.refusals('Patient', `_sort=${Array(11).fill('name').join(',')}`)).toEqual([
      'too-costly http._sort: _sort has more than 10 keys.',
    ]);
  });

  test('at system level each type sorts by its own parameter, of one type', () => {
    const both = query('', '_type=Observation,Procedure&_sort=-date,_id').searches;
    expect(both.map(({ type, sort: keys }) => [type, keys.map((key) => key.parameter ?? key.by)])).toEqual([
      ['Observation', ['date', 'id']],
      ['Procedure', ['date', 'id']],
    ]);
    expect(reading.refusals('', '_type=StructureDefinition,Account&_sort=_id,type')).toEqual([
      "invalid http._sort: _sort: 'type' is of type uri on StructureDefinition but of type token on Account, so results of both have no common order: search the types one by one.",
    ]);
  });
});

describe('_include and _revinclude', () => {
  test.each([
    [
      '_include=MedicationRequest:patient',
      { reverse: false, iterate: false, sourceType: 'MedicationRequest', parameter: 'patient' },
    ],
    [
      '_include=MedicationRequest:requester:Practitioner',
      {
        reverse: false,
        iterate: false,
        sourceType: 'MedicationRequest',
        parameter: 'requester',
        targetType: 'Practitioner',
      },
    ],
    ['_include=MedicationRequest:*', { reverse: false, iterate: false, sourceType: 'MedicationRequest' }],
    [
      '_include=MedicationRequest:*:Patient',
      { reverse: false, iterate: false, sourceType: 'MedicationRequest', targetType: 'Patient' },
    ],
    ['_include=*', { reverse: false, iterate: false, sourceType: '*' }],
    [
      '_include:iterate=Patient:link',
      { reverse: false, iterate: true, sourceType: 'Patient', parameter: 'link' },
    ],
    ['_include:iterate=*', { reverse: false, iterate: true, sourceType: '*' }],
    [
      '_revinclude=Provenance:target',
      { reverse: true, iterate: false, sourceType: 'Provenance', parameter: 'target' },
    ],
    [
      '_revinclude=Provenance:target:MedicationRequest',
      {
        reverse: true,
        iterate: false,
        sourceType: 'Provenance',
        parameter: 'target',
        targetType: 'MedicationRequest',
      },
    ],
    ['_revinclude=MedicationDispense:*', { reverse: true, iterate: false, sourceType: 'MedicationDispense' }],
    ['_revinclude=*', { reverse: true, iterate: false, sourceType: '*' }],
    [
      '_revinclude:iterate=Observation:encounter',
      { reverse: true, iterate: true, sourceType: 'Observation', parameter: 'encounter' },
    ],
  ])('%s', (text, include) => {
    expect(query('MedicationRequest', text).includes).toEqual([include]);
  });

  test('stand in the order of the query', () => {
    const text =
      '_revinclude=Observation:subject&_include=Patient:link&_include:iterate=Patient:organization';
    expect(query('Patient', text).includes.map(({ reverse, iterate }) => [reverse, iterate])).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
  });

  const form = (name: string) =>
    `invalid http.${name}: ${name} must be Type:parameter, Type:parameter:TargetType, Type:* or *, one in each ${name}: repeat it for more.`;
  test.each([
    ...[
      '',
      'Patient',
      'Patient:',
      'Patient:link:',
      'Patient:link:Patient:x',
      'Patient:link,Patient:organization',
      ':link',
    ].map((value) => [
      `_include=${value}`,
      value === ':link'
        ? 'invalid http._include: There is no resource type (empty) in R4.'
        : form('_include'),
    ]),
    ['_revinclude=Observation', form('_revinclude')],
    ['_include=Pat:link', "invalid http._include: There is no resource type 'Pat' in R4."],
    ['_include=Patient:link:Pat', "invalid http._include: There is no resource type 'Pat' in R4."],
    [
      '_include:recurse=Patient:link',
      "not-supported http._include:recurse: _include does not take the modifier ':recurse': R4 has _include:iterate only.",
    ],
    [
      '_include=Patient:name',
      "not-supported http._include: _include: 'name' of Patient is no reference, so there is nothing to follow. References of Patient: general-practitioner, link and organization.",
    ],
    [
      '_revinclude=Account:nobody',
      "not-supported http._revinclude: _revinclude: Account has no search parameter 'nobody'. It has: _content, _filter, _has, _id, _lastUpdated, _list, _profile, _security, _source, _tag, _text, identifier, name, owner, patient, period, status, subject, type.",
    ],
    [
      '_include=Patient:organization:Practitioner',
      "not-supported http._include: 'organization' of Patient does not refer to Practitioner: it refers to Organization.",
    ],
    [
      '_include=Encounter:patient',
      'not-supported http._include: _include follows references of the types that are searched, and Encounter is none of them: use _include:iterate for references of what is included.',
    ],
    [
      '_revinclude=Observation:encounter',
      'not-supported http._revinclude: _revinclude follows references to the types that are searched, and these refer to Encounter and EpisodeOfCare: use _revinclude:iterate for references to what is included.',
    ],
    [
      '_revinclude=Observation:subject:Group',
      'not-supported http._revinclude: _revinclude follows references to the types that are searched, and these refer to Group: use _revinclude:iterate for references to what is included.',
    ],
  ])('%s is refused', (text, expected) => {
    expect(reading.refusals('Patient', text!)).toEqual([expected]);
  });

  test('20 of them', () => {
    const includes = (count: number) => Array(count).fill('_include=Patient:link').join('&');
    expect(query('Patient', includes(20)).includes).toHaveLength(20);
    expect(reading.refusals('Patient', includes(21))).toEqual([
      'too-costly http._include: The search has more than 20 _include and _revinclude.',
    ]);
  });
});
