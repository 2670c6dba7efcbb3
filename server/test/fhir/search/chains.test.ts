import { beforeAll, describe, expect, test } from '@jest/globals';
import type { SearchSupport } from '../../../src/fhir/search/parse.ts';
import { FULL_SUPPORT, createReading, type Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

const name = (match: string, value: string) => ({
  kind: 'string',
  parameter: 'name',
  match,
  values: [value],
});
const chain = (parameter: string, ...targets: [string, unknown][]) => ({
  kind: 'chain',
  parameter,
  targets: targets.map(([type, condition]) => ({ type, condition })),
});
const has = (type: string, parameter: string, condition: unknown) => ({
  kind: 'has',
  type,
  parameter,
  condition,
});
const code = (value: string) => ({ kind: 'token', parameter: 'code', tokens: [{ code: value }] });

describe('chains', () => {
  test.each([
    [
      'DiagnosticReport',
      'subject:Patient.name=peter',
      chain('subject', ['Patient', name('starts-with', 'peter')]),
    ],
    ['DiagnosticReport', 'patient.name=peter', chain('patient', ['Patient', name('starts-with', 'peter')])],
    [
      'Observation',
      'subject.name:exact=x',
      chain('subject', ['Patient', name('exact', 'x')], ['Location', name('exact', 'x')]),
    ],
    [
      'Observation',
      'patient.organization.name=x',
      chain('patient', ['Patient', chain('organization', ['Organization', name('starts-with', 'x')])]),
    ],
    [
      'Observation',
      'subject:Patient.general-practitioner.name:exact=x',
      chain('subject', [
        'Patient',
        chain(
          'general-practitioner',
          ['Practitioner', name('exact', 'x')],
          ['Organization', name('exact', 'x')],
        ),
      ]),
    ],
    ['Observation', 'patient._id=1', chain('patient', ['Patient', { kind: 'id', ids: ['1'] }])],
    ['Observation', 'patient._list=1', chain('patient', ['Patient', { kind: 'list', ids: ['1'] }])],
    [
      'Observation',
      'patient.general-practitioner:Practitioner=1',
      chain('patient', [
        'Patient',
        {
          kind: 'reference',
          parameter: 'general-practitioner',
          references: [{ value: '1', targetType: 'Practitioner' }],
        },
      ]),
    ],
    [
      'Observation',
      'patient.gender:missing=true',
      chain('patient', ['Patient', { kind: 'missing', parameter: 'gender', missing: true }]),
    ],
    // A canonical.
    [
      'QuestionnaireResponse',
      'questionnaire.title=x',
      chain('questionnaire', [
        'Questionnaire',
        { kind: 'string', parameter: 'title', match: 'starts-with', values: ['x'] },
      ]),
    ],
  ])('%s?%s', (type, query, condition) => {
    expect(reading.conditions(type, query)).toEqual([condition]);
  });

  test.each([
    [
      'Observation',
      'subject:Encounter.name=x',
      "not-supported http.subject:Encounter.name: 'subject' of Observation does not refer to 'Encounter': it refers to Device, Group, Location and Patient.",
    ],
    [
      'Observation',
      'subject:Pat.name=x',
      "not-supported http.subject:Pat.name: 'subject' of Observation does not refer to 'Pat': it refers to Device, Group, Location and Patient.",
    ],
    [
      'Observation',
      'subject.nam=x',
      "not-supported http.subject.nam: 'subject' of Observation refers to Device, Group, Location and Patient, and none of them can be searched by 'nam'.",
    ],
    [
      'Observation',
      'encounter.subject.birthplace=x',
      "not-supported http.encounter.subject.birthplace: 'encounter' of Observation refers to Encounter and EpisodeOfCare, and none of them can be searched by 'subject.birthplace'.",
    ],
    [
      'Basic',
      'author.active:exact=true',
      "not-supported http.author.active:exact: 'author' of Basic refers to Organization, Patient, Practitioner, PractitionerRole and RelatedPerson, and none of them can be searched by 'active:exact'.",
    ],
    [
      'Encounter',
      'part-of.stat=x',
      "not-supported http.part-of.stat: Encounter has no search parameter 'stat'. It has: _content, _filter, _has, _id, _lastUpdated, _list, _profile, _security, _source, _tag, _text, account, appointment, based-on, class, date, diagnosis, episode-of-care, identifier, length, location, location-period, part-of, participant, participant-type, patient, practitioner, reason-code, reason-reference, service-provider, special-arrangement, status, subject, type.",
    ],
    [
      'Observation',
      'code.text=x',
      "not-supported http.code.text: 'code' of Observation is no reference, so there is nothing to follow. References of Observation: based-on, derived-from, device, encounter, focus, has-member, part-of, patient, performer, specimen and subject.",
    ],
    [
      'Observation',
      'patient.birthdate=x',
      "value http.patient.birthdate: The value of 'patient.birthdate' is no date: write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.fff]][Z|+hh:mm|-hh:mm], a day and time that exist.",
    ],
    ...[
      'subject.=x',
      '.name=x',
      'subject..name=x',
      'subject:.name=x',
      ':exact=x',
      'name:=x',
      'subject:Patient.=x',
    ].map((query) => [
      'Observation',
      query,
      `invalid http.${query.split('=')[0]!}: The name has an empty part: write parameter, parameter:modifier, reference.parameter or reference:Type.parameter.`,
    ]),
  ])('%s?%s is refused', (type, query, text) => {
    expect(reading.refusals(type!, query!)).toEqual([text]);
  });

  test('a parameter that a target type cannot search yet is not passed over', () => {
    const support: SearchSupport = {
      ...FULL_SUPPORT,
      supports: (type, parameter) => !(type === 'Location' && parameter.code === 'name'),
    };
    expect(reading.refusals('Observation', 'subject.name=x', { support })).toEqual([
      "not-supported http.subject.name: The search parameter 'name' (of type string) of Location cannot be searched by this server, or not yet: see its CapabilityStatement.",
    ]);
    expect(reading.parse('Observation', 'subject:Patient.name=x', { support }).used).toHaveLength(1);
  });
});

describe('_has', () => {
  test.each([
    ['Patient', '_has:Observation:patient:code=1234-5', has('Observation', 'patient', code('1234-5'))],
    [
      'Patient',
      '_has:Observation:patient:_has:AuditEvent:entity:agent=MyUserId',
      has(
        'Observation',
        'patient',
        has('AuditEvent', 'entity', {
          kind: 'reference',
          parameter: 'agent',
          references: [{ value: 'MyUserId' }],
        }),
      ),
    ],
    [
      'Patient',
      '_has:Observation:patient:performer:Organization.name:exact=x',
      has('Observation', 'patient', chain('performer', ['Organization', name('exact', 'x')])),
    ],
    [
      'Encounter',
      'patient._has:Group:member:_id=102',
      chain('patient', ['Patient', has('Group', 'member', { kind: 'id', ids: ['102'] })]),
    ],
    [
      'Encounter',
      'subject._has:Observation:patient:code=x',
      chain('subject', ['Patient', has('Observation', 'patient', code('x'))]),
    ],
    [
      'Patient',
      '_has:Observation:patient:code:not=x',
      has('Observation', 'patient', { kind: 'not', condition: code('x') }),
    ],
    [
      'Patient',
      '_has:Observation:patient:code=x,y',
      has('Observation', 'patient', {
        kind: 'token',
        parameter: 'code',
        tokens: [{ code: 'x' }, { code: 'y' }],
      }),
    ],
  ])('%s?%s', (type, query, condition) => {
    expect(reading.conditions(type, query)).toEqual([condition]);
  });

  const incomplete = (query: string) =>
    `invalid http.${query.split('=')[0]!}: _has is incomplete: write _has:Type:reference:parameter, e.g. _has:Observation:patient:code.`;
  test.each([
    ...[
      '_has=x',
      '_has:Observation:patient=x',
      '_has:Observation=x',
      '_has:=x',
      '_has:Observation:patient:=x',
      '_has::patient:code=x',
    ].map((query) => [query, incomplete(query)]),
    ['_has:Obs:patient:code=x', "invalid http._has:Obs:patient:code: There is no resource type 'Obs' in R4."],
    [
      '_has:Observation:encounter:code=x',
      "not-supported http._has:Observation:encounter:code: 'encounter' of Observation does not refer to Patient, so _has cannot follow it: it refers to Encounter and EpisodeOfCare.",
    ],
    [
      '_has:Account:identifier:code=x',
      "not-supported http._has:Account:identifier:code: 'identifier' of Account is no reference, so there is nothing to follow. References of Account: owner, patient and subject.",
    ],
    [
      '_has:Account:nobody:code=x',
      "not-supported http._has:Account:nobody:code: Account has no search parameter 'nobody'. It has: _content, _filter, _has, _id, _lastUpdated, _list, _profile, _security, _source, _tag, _text, identifier, name, owner, patient, period, status, subject, type.",
    ],
  ])('Patient?%s is refused', (query, text) => {
    expect(reading.refusals('Patient', query!)).toEqual([text]);
  });

  test.each([
    'organization._filter=name eq x',
    '_list.name=x',
    '_filter.name=x',
    '_has:Observation:_list:code=x',
  ])('%s has a parameter where none can be', (query) => {
    expect(reading.issues('Patient', query)[0]!.diagnostics).toMatch(
      /^'_(filter|list)' stands for itself: it cannot be at this place of a chain, a _has or a filter\.$/,
    );
  });
});

describe('limits of chains', () => {
  const steps = (count: number) => `${'part-of.'.repeat(count)}status`;

  test('12 steps, of either kind', () => {
    expect(reading.parse('Encounter', `${steps(12)}=x`).used).toHaveLength(1);
    expect(reading.parse('Encounter', `_has:Encounter:part-of:${steps(11)}=x`).used).toHaveLength(1);
    for (const query of [`${steps(13)}=x`, `_has:Encounter:part-of:${steps(12)}=x`]) {
      expect(reading.issues('Encounter', query)[0]).toMatchObject({
        code: 'too-costly',
        diagnostics: 'The name has more than 12 steps of chains and _has: search in several steps.',
      });
    }
  });

  test('500 tests of one chain', () => {
    expect(reading.parse('List', 'item.item.code=x').used).toHaveLength(1);
    expect(reading.refusals('List', `${'item.'.repeat(12)}code=x`)).toEqual([
      `too-costly http.${'item.'.repeat(12)}code: The references of the chain may lead to so many types that it comes to more than 500 tests: name the types, as in item:DocumentManifest.`,
    ]);
  });

  test('10,000 tests of a query', () => {
    // Each is a test on any of 145 types.
    const filter = (tests: number) => `_filter=${Array(tests).fill('item._id eq x').join(' or ')}`;
    expect(reading.parse('List', filter(68)).used).toHaveLength(1);
    expect(reading.issues('List', filter(69)).at(-1)).toMatchObject({
      code: 'too-costly',
      diagnostics:
        '_filter, character 1157: The query comes to more than 10000 tests, counted on each type: name the types searched and those that chains lead to, or split it.',
    });
  });
});
