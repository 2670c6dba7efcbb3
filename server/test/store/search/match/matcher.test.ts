import { beforeAll, describe, expect, test } from '@jest/globals';
import { BASE, Matching, type Resource } from './support.ts';

let matching: Matching;

beforeAll(async () => {
  matching = await Matching.open();
});

const PATIENT: Resource = {
  resourceType: 'Patient',
  id: 'p1',
  meta: { profile: ['http://p.example/a/b|1'], tag: [{ system: 'urn:t', code: 'x' }] },
  active: true,
  name: [{ family: 'Müller', given: ['Anna', 'Eva'] }],
  identifier: [
    {
      system: 'urn:i',
      value: '1',
      type: { coding: [{ system: 'urn:ty', code: 'MR' }], text: 'Medical record' },
    },
  ],
  birthDate: '1970-05-06',
  managingOrganization: { reference: 'Organization/7', identifier: { system: 'urn:o', value: '7' } },
  maritalStatus: { text: 'is wed' },
};

const OBSERVATION: Resource = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: { coding: [{ system: 'urn:l', code: 'bp', display: 'Blood pressure' }] },
  effectiveDateTime: '2024-02-03T10:00:00Z',
  subject: { reference: `${BASE}/Patient/9` },
  component: [
    {
      code: { coding: [{ system: 'urn:l', code: 'sys' }] },
      valueQuantity: { value: 120, system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
    },
    {
      code: { coding: [{ system: 'urn:l', code: 'dia' }] },
      valueQuantity: { value: 80, system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
    },
  ],
  valueQuantity: { value: 5.4, system: 'http://unitsofmeasure.org', code: 'mg' },
};

const RISK: Resource = { resourceType: 'RiskAssessment', id: 'r', prediction: [{ probabilityDecimal: 0.5 }] };

const LOCATION: Resource = {
  resourceType: 'Location',
  id: 'l',
  position: { latitude: 52.5, longitude: 13.4 },
};

const VALUE_SET: Resource = {
  resourceType: 'ValueSet',
  id: 'v',
  url: 'http://v.example/a/b',
  status: 'draft',
};

const CODE_SYSTEM_REF: Resource = {
  resourceType: 'QuestionnaireResponse',
  questionnaire: 'http://q.example/a|2',
};

describe.each<[what: string, resource: Resource, satisfied: string[], others: string[]]>([
  ['ids', PATIENT, ['_id=p1', '_id=x,p1', '_id:missing=false'], ['_id=x', '_id:not=p1', '_id:missing=true']],
  ['no id', CODE_SYSTEM_REF, ['_id:not=x'], ['_id=x']],
  [
    'tokens',
    PATIENT,
    [
      'identifier=1',
      'identifier=urn:i|1',
      'identifier=urn:i|',
      'active=true',
      '_tag=x',
      'gender:not=male',
      'identifier:of-type=urn:ty|MR|1',
    ],
    [
      'identifier=2',
      'identifier=|1',
      'active=false',
      'active:not=true',
      'gender=male',
      'identifier:of-type=urn:ty|MR|2',
    ],
  ],
  [
    'versions of canonicals',
    CODE_SYSTEM_REF,
    ['questionnaire:below=http://q.example/a', 'questionnaire:below=http://q.example/a|2'],
    ['questionnaire:below=http://q.example/a|1', 'questionnaire:below=http://q.example'],
  ],
  ['versions of its own', VALUE_SET, ['url=http://v.example/a/b'], ['url=http://v.example/a/b|2']],
  [
    'MIME types',
    {
      resourceType: 'DocumentReference',
      status: 'current',
      content: [{ attachment: { contentType: 'text/xml; charset=UTF-8' } }],
    },
    ['contenttype:below=text/xml', 'contenttype:below=text'],
    ['contenttype:below=text/x', 'contenttype:below=application'],
  ],
  [
    'texts of tokens',
    OBSERVATION,
    ['code:text=blood', 'code:text=x,BLOOD P', '_filter=code co "pressure"'],
    ['code:text=pressure', 'code:text=x'],
  ],
  ['texts of identifiers', PATIENT, ['identifier:text=medical'], ['identifier:text=record']],
  [
    'strings',
    PATIENT,
    [
      'name=mull',
      'name=EVA',
      'family:exact=Müller',
      'name:contains=nn',
      'phonetic=muler',
      '_filter=family ew "ler"',
      '_filter=family eq "muller"',
    ],
    [
      'name=ller',
      'family:exact=muller',
      'family:exact=Mül',
      'name:contains=x',
      'phonetic=smith',
      '_filter=family eq "mull"',
    ],
  ],
  [
    'dates',
    PATIENT,
    [
      'birthdate=1970',
      'birthdate=ge1970-05-06',
      'birthdate=lt1971',
      'birthdate=ne1971',
      'birthdate=ap1972',
      'birthdate=sa1969',
      'death-date:missing=true',
    ],
    [
      'birthdate=1971',
      'birthdate=gt1970-05-06',
      'birthdate=eb1970',
      'death-date=1970',
      'birthdate:missing=true',
    ],
  ],
  [
    'numbers',
    RISK,
    ['probability=0.5', 'probability=gt0.4', 'probability=le0.5', 'probability=ap0.52', 'probability=ne0.6'],
    [
      'probability=0.51',
      'probability=gt0.5',
      'probability=lt0.5',
      'probability=ne0.5',
      'probability:missing=true',
    ],
  ],
  [
    'quantities',
    OBSERVATION,
    [
      'value-quantity=5.4',
      'value-quantity=5.4|http://unitsofmeasure.org|mg',
      'value-quantity=0.0054|http://unitsofmeasure.org|g',
      'value-quantity=gt5.3||mg',
    ],
    [
      'value-quantity=5.5',
      'value-quantity=5.4|http://unitsofmeasure.org|g',
      'value-quantity=5.4||kg',
      'value-quantity=lt5.4',
    ],
  ],
  [
    'references',
    OBSERVATION,
    [
      'subject=Patient/9',
      `subject=${encodeURIComponent(`${BASE}/Patient/9`)}`,
      'subject:Patient=9',
      'patient=9',
      'encounter:missing=true',
    ],
    ['subject=Patient/8', 'subject=Group/9', 'subject:missing=true', 'encounter=9'],
  ],
  ['logical references', PATIENT, ['organization:identifier=urn:o|7'], ['organization:identifier=urn:o|8']],
  [
    'uris',
    VALUE_SET,
    [
      'url=http://v.example/a/b',
      'url:below=http://v.example/a',
      'url:above=http://v.example/a/b/c',
      '_filter=url co "example"',
    ],
    [
      'url=http://v.example/a',
      'url:below=http://v.example/a/b/c',
      'url:above=http://v.example/a',
      'url:missing=true',
    ],
  ],
  [
    'uris that only the content has',
    PATIENT,
    [
      '_profile:below=http://p.example/a',
      '_profile:below=http://p.example/a/b',
      '_profile=http://p.example/a/b',
    ],
    ['_profile:below=http://p.example/x', '_profile:below=http://p.example/a/b/c'],
  ],
  ['canonicals', CODE_SYSTEM_REF, ['questionnaire=http://q.example/a'], ['questionnaire=http://q.example/b']],
  [
    'composites',
    OBSERVATION,
    [
      'component-code-value-quantity=sys$120',
      'component-code-value-quantity=sys$gt100',
      'code-value-quantity=urn:l|bp$5.4',
    ],
    [
      'component-code-value-quantity=sys$80',
      'component-code-value-quantity=dia$gt100',
      'code-value-quantity=urn:l|sys$5.4',
    ],
  ],
  [
    'composites of strings and dates',
    {
      resourceType: 'Observation',
      code: { coding: [{ system: 'urn:l', code: 'note' }] },
      valueString: 'Far better',
    },
    ['code-value-string=note$far'],
    ['code-value-string=note$better', 'code-value-string=other$far', 'code-value-date=note$2024'],
  ],
  [
    'composites of two numbers',
    {
      resourceType: 'MolecularSequence',
      referenceSeq: { chromosome: { coding: [{ code: '1' }] }, windowStart: 100, windowEnd: 200 },
    },
    ['chromosome-window-coordinate=1$ge100$le200', 'chromosome-window-coordinate=1$100$200'],
    ['chromosome-window-coordinate=1$gt100$le200', 'chromosome-window-coordinate=2$ge100$le200'],
  ],
  [
    'places',
    LOCATION,
    ['near=52.52|13.4|5|km', 'near=0|0|1|km,52.5|13.4|1|m'],
    ['near=52.6|13.4|5|km', 'near=52.5|13.5|5|km'],
  ],
  [
    'filters',
    PATIENT,
    [
      '_filter=name sw "mul" and birthdate ge 1970',
      '_filter=not (active eq false)',
      '_filter=gender eq "x" or family eq "müller"',
    ],
    ['_filter=name sw "x" and birthdate ge 1970', '_filter=not (active eq true)'],
  ],
])('%s', (_what, resource, satisfied, others) => {
  test.each(satisfied)('match by %s', (query) => expect(matching.matches(resource, query)).toBe(true));
  test.each(others)('do not match by %s', (query) => expect(matching.matches(resource, query)).toBe(false));
});

test('a local reference has the type of what it leads to in the container', () => {
  const inside: Resource = { resourceType: 'Observation', subject: { reference: '#g' } };
  const beside: Resource[] = [{ resourceType: 'Group', id: 'g' }];
  expect(matching.matches(inside, 'subject:missing=false', beside)).toBe(true);
  expect(matching.matches(inside, 'patient:missing=true', beside)).toBe(true);
  expect(matching.matches(inside, 'patient:missing=true', [{ resourceType: 'Patient', id: 'g' }])).toBe(
    false,
  );
});
