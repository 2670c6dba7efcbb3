import { beforeAll, describe, expect, test } from '@jest/globals';
import { createValidator } from '../../src/validation/createValidator.ts';
import type { Validator } from '../../src/validation/validator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { issuesNow } from '../support/validation.ts';

let validator: Validator;

beforeAll(async () => {
  validator = createValidator(await r4Definitions());
});

/** What is found, as `rule expression`. */
function faults(resource: unknown): string[] {
  return issuesNow(validator, resource).map(
    ({ details, expression }) => `${details?.coding?.[0]?.code} ${expression?.[0]}`,
  );
}

const patient = (content: object): string[] => faults({ resourceType: 'Patient', ...content });
const observation = (content: object): string[] =>
  faults({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...content });
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const condition = (clinicalStatus: object): string[] =>
  faults({ resourceType: 'Condition', subject: { reference: 'Patient/1' }, clinicalStatus });

describe('required bindings', () => {
  test.each([
    ['a code', { gender: 'female' }, []],
    ['a code outside', { gender: 'F' }, ['binding-required Patient.gender']],
    [
      'a code of a repeated element',
      { name: [{ use: 'nick', text: 'x' }] },
      ['binding-required Patient.name[0].use'],
    ],
    [
      'only an extension where a code must be',
      { _gender: { extension: [{ url: 'http://x', valueCode: 'unknown' }] } },
      ['binding-required Patient.gender'],
    ],
    [
      'a media type',
      {
        photo: [
          { contentType: 'image/png; a=b', url: 'http://x' },
          { contentType: 'picture', url: 'http://x' },
        ],
      },
      ['binding-required Patient.photo[1].contentType'],
    ],
    ['a language', { language: 'zh-Hant-TW' }, []],
    ['no language', { language: 'english language' }, ['binding-required Patient.language']],
  ])('%s', (_name, content, expected) => {
    expect(patient(content)).toEqual(expected);
  });

  test('one coding of a CodeableConcept must be in the value set', () => {
    expect(
      condition({
        coding: [
          { system: 'http://x', code: 'y' },
          { system: CLINICAL, code: 'active' },
        ],
      }),
    ).toEqual([]);
    for (const wrong of [
      { text: 'active' },
      { coding: [{ code: 'active' }] },
      { coding: [{ system: CLINICAL, code: 'Active' }] },
      { coding: [{ system: 'http://x', code: 'active' }] },
    ]) {
      expect(condition(wrong)).toEqual(['binding-required Condition.clinicalStatus']);
    }
  });
});

describe('references', () => {
  const UUID = 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0';

  test.each([
    'Patient/1',
    'Patient/1/_history/2',
    'http://example.org/fhir/Patient/1',
    'https://example.org/Location/1/_history/3',
    'http://example.org/something',
    'Device?identifier=x|y',
    UUID,
    'urn:oid:1.2.3',
  ])('may be %s', (reference) => {
    expect(observation({ subject: { reference } })).toEqual([]);
  });

  test.each([
    ['Organization/1', 'reference-target'],
    ['http://example.org/fhir/Organization/1', 'reference-target'],
    ['patient/1', 'reference-format'],
    ['Patient', 'reference-format'],
    ['Patient/a b', 'reference-format'],
    ['urn:uuid:1', 'reference-format'],
    ['urn:oid:x', 'reference-format'],
    ['#nothing', 'reference-contained'],
  ])('%s is %s', (reference, rule) => {
    expect(observation({ subject: { reference } })).toEqual([`${rule} Observation.subject`]);
  });

  test('agree with their type', () => {
    expect(observation({ subject: { reference: 'Patient/1', type: 'Patient' } })).toEqual([]);
    expect(observation({ subject: { reference: 'Patient/1', type: 'Group' } })).toEqual([
      'reference-type Observation.subject.type',
    ]);
    expect(observation({ subject: { type: 'Organization', display: 'x' } })).toEqual([
      'reference-target Observation.subject',
    ]);
  });

  test('have a type that is one, also by its whole URL', () => {
    const definition = (name: string) => `http://hl7.org/fhir/StructureDefinition/${name}`;
    for (const type of ['Patient', definition('Patient'), 'http://example.org/logical/Model'])
      expect(observation({ subject: { type, display: 'x' } })).toEqual([]);
    for (const type of ['patient', 'Patiënt', definition('Nobody')])
      expect(observation({ subject: { type, display: 'x' } })).toEqual([
        'reference-type Observation.subject.type',
      ]);
    expect(observation({ subject: { type: definition('Organization'), display: 'x' } })).toEqual([
      'reference-target Observation.subject',
    ]);
  });

  test('lead to the right type inside of what was sent', () => {
    const contained = [{ resourceType: 'Organization', id: 'o', name: 'x' }];
    expect(observation({ contained, performer: [{ reference: '#o' }] })).toEqual([]);
    expect(observation({ contained, subject: { reference: '#o' } })).toEqual([
      'reference-target Observation.subject',
    ]);
    const entry = [
      { fullUrl: UUID, resource: { resourceType: 'Organization', name: 'x' } },
      {
        fullUrl: 'urn:uuid:1c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
        resource: {
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: UUID },
        },
      },
    ];
    expect(faults({ resourceType: 'Bundle', type: 'collection', entry })).toEqual([
      'reference-target Bundle.entry[1].resource.subject',
    ]);
  });
});

describe('contained resources', () => {
  const organization = { resourceType: 'Organization', id: 'o', name: 'x' };
  const managed = { managingOrganization: { reference: '#o' } };

  test('are referred to, or refer to their container (dom-3)', () => {
    expect(patient({ contained: [organization], ...managed })).toEqual([]);
    const provenance = {
      resourceType: 'Provenance',
      id: 'p',
      target: [{ reference: '#' }],
      recorded: '2024-01-01T00:00:00Z',
      agent: [{ who: { display: 'x' } }],
    };
    expect(patient({ contained: [provenance] })).toEqual([]);
    expect(patient({ contained: [organization] })).toEqual(['contained-unused Patient.contained[0]']);
  });

  test('have no identity of their own (dom-4, dom-5) and different ids', () => {
    for (const meta of [
      { versionId: '1' },
      { lastUpdated: '2024-01-01T00:00:00Z' },
      { security: [{ code: 'x' }] },
    ]) {
      expect(patient({ contained: [{ ...organization, meta }], ...managed })).toEqual([
        'contained-identity Patient.contained[0]',
      ]);
    }
    expect(patient({ contained: [organization, organization], ...managed })).toEqual([
      'contained-id Patient.contained[1]',
    ]);
  });
});

describe('ids of elements', () => {
  test('are different within a resource', () => {
    expect(patient({ name: [{ id: 'a', text: 'x' }], address: [{ id: 'b', text: 'y' }] })).toEqual([]);
    expect(patient({ name: [{ id: 'a', text: 'x' }], address: [{ id: 'a', text: 'y' }] })).toEqual([
      'element-id-duplicate Patient.address[0]',
    ]);
  });

  test('are not all that an element has (ele-1)', () => {
    expect(patient({ name: [{ id: 'a' }] })).toEqual(['empty-object Patient.name[0]']);
    expect(patient({ _gender: { id: 'a' } })).toContain('empty-object Patient.gender');
    const given = (given: unknown, _given: unknown) => patient({ name: [{ given, _given }] });
    expect(given(['a', null], [null, { id: 'a' }])).toEqual(['empty-object Patient.name[0].given[1]']);
    expect(patient({ name: [{ _given: [{ id: 'a' }] }] })).toEqual(['empty-object Patient.name[0].given[0]']);
    const extension = [{ url: 'http://example.org/x', valueCode: 'y' }];
    expect(given(['a', null], [{ id: 'a' }, { id: 'b', extension }])).toEqual([]);
  });
});

test('the size of an attachment is that of its data', () => {
  const photo = (size: number) => patient({ photo: [{ contentType: 'text/plain', data: 'YWJj', size }] });
  expect(photo(3)).toEqual([]);
  expect(photo(4)).toEqual(['attachment-size Patient.photo[0]']);
});

describe('extensions', () => {
  const HL7 = 'http://hl7.org/fhir/StructureDefinition';
  const birthPlace = { url: `${HL7}/patient-birthPlace`, valueAddress: { city: 'x' } };
  const birthTime = { url: `${HL7}/patient-birthTime`, valueDateTime: '2024-01-01T00:00:00Z' };

  test('of others may have any absolute url', () => {
    expect(patient({ extension: [{ url: 'http://example.org/x', valueCode: 'y' }] })).toEqual([]);
    expect(patient({ extension: [{ url: 'x', valueCode: 'y' }] })).toEqual([
      'extension-url Patient.extension[0]',
    ]);
  });

  test('of HL7 must be defined, in their place, not too often, and have their content', () => {
    expect(
      patient({ extension: [birthPlace], birthDate: '2024', _birthDate: { extension: [birthTime] } }),
    ).toEqual([]);
    expect(patient({ extension: [{ url: `${HL7}/patient-birthplace`, valueCode: 'y' }] })).toEqual([
      'extension-unknown Patient.extension[0]',
    ]);
    expect(patient({ extension: [birthTime] })).toEqual(['extension-context Patient.extension[0]']);
    expect(patient({ contact: [{ extension: [birthPlace] }] })).toEqual([
      'extension-context Patient.contact[0].extension[0]',
    ]);
    expect(patient({ extension: [birthPlace, birthPlace] })).toEqual([
      'extension-count Patient.extension[1]',
    ]);
    expect(
      patient({ extension: [{ ...birthTime, ...birthPlace, valueDateTime: undefined, valueString: 'x' }] }),
    ).toContain('choice-multiple Patient.extension[0].value');
    expect(patient({ extension: [{ url: birthPlace.url, valueString: 'x' }] })).toEqual([
      'extension-value-type Patient.extension[0].value',
    ]);
  });

  test('of several parts have those of their definition', () => {
    const url = `${HL7}/patient-nationality`;
    const code = { url: 'code', valueCodeableConcept: { text: 'x' } };
    expect(patient({ extension: [{ url, extension: [code] }] })).toEqual([]);
    expect(patient({ extension: [{ url, extension: [code, code] }] })).toEqual([
      'extension-part Patient.extension[0]',
    ]);
    expect(patient({ extension: [{ url, extension: [{ url: 'cod', valueCode: 'x' }] }] })).toEqual([
      'extension-part Patient.extension[0].extension[0]',
    ]);
    expect(patient({ extension: [{ url, extension: [{ url: 'code', valueCode: 'x' }] }] })).toEqual([
      'extension-value-type Patient.extension[0].extension[0].value',
    ]);
  });

  test('may stand at elements of data types, wherever these are', () => {
    const ownName = { url: `${HL7}/humanname-own-name`, valueString: 'x' };
    const family = { family: 'x', _family: { extension: [ownName] } };
    expect(patient({ name: [family], contact: [{ name: family }] })).toEqual([]);
    expect(patient({ name: [{ given: ['a'], _given: [{ extension: [ownName] }] }] })).toEqual([
      'extension-context Patient.name[0].given[0].extension[0]',
    ]);
    const quantity = { url: `${HL7}/iso21090-PQ-translation`, valueQuantity: { value: 1 } };
    expect(observation({ valueQuantity: { value: 1, extension: [quantity] } })).toEqual([]);
    expect(observation({ valueRange: { low: { value: 1, extension: [quantity] } } })).toEqual([]);
  });
});

test('nothing of this is asked for where only the structure is', () => {
  const structure = (content: object): string[] =>
    issuesNow(validator, { resourceType: 'Patient', ...content }, { mode: 'structure' }).map(
      ({ details }) => details!.coding![0]!.code,
    );
  const loose = {
    gender: 'x',
    managingOrganization: { reference: 'Patient/1' },
    contained: [{ resourceType: 'Device' }],
    extension: [{ url: 'x', valueCode: 'y' }],
    text: { status: 'generated', div: '<div/>' },
    name: [{ id: 'a', text: 'x' }],
    address: [{ id: 'a', text: 'y' }],
  };
  expect(structure(loose)).toEqual([]);
  expect(patient(loose).length).toBeGreaterThan(5);
  expect(structure({ ...loose, active: 'x', nme: 1 })).toEqual(['json-type', 'unknown-element']);
});
