import { beforeAll, describe, expect, test } from '@jest/globals';
import { createReading, type Reading } from './reading.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

describe(':missing is taken by all but composite and special parameters', () => {
  test.each([
    ['Patient', 'name'],
    ['Patient', 'birthdate'],
    ['Patient', 'active'],
    ['Patient', 'organization'],
    ['ValueSet', 'url'],
    ['RiskAssessment', 'probability'],
    ['Observation', 'value-quantity'],
    ['Patient', '_tag'],
  ])('%s?%s', (type, code) => {
    expect(reading.conditions(type, `${code}:missing=true`)).toEqual([
      { kind: 'missing', parameter: code, missing: true },
    ]);
    expect(reading.conditions(type, `${code}:missing=false`)).toEqual([
      { kind: 'missing', parameter: code, missing: false },
    ]);
  });

  test.each(['1', 'True', 'true,false', ''])('with true or false, not with %j', (value) => {
    expect(reading.refusals('Patient', `name:missing=${value}`)).toEqual([
      "invalid http.name:missing: 'name:missing' takes true (there is no value) or false (there is one).",
    ]);
  });
});

describe('modifiers that a parameter does not take', () => {
  const refusal = (name: string, taken: string, type = 'Observation') => {
    const [code = '', modifier = ''] = name.split(':');
    return `not-supported http.${name}: '${code}' of ${type} does not take the modifier ':${modifier}'. It takes ${taken}.`;
  };
  test.each([
    [
      'Observation',
      'code:exact=x',
      refusal('code:exact', ':missing, :text, :not, :of-type, :in, :not-in, :above and :below'),
    ],
    ['Observation', 'date:exact=2020', refusal('date:exact', ':missing')],
    ['Observation', 'value-quantity:not=5', refusal('value-quantity:not', ':missing')],
    ['Observation', 'code-value-quantity:missing=true', refusal('code-value-quantity:missing', 'none')],
    ['Location', 'near:missing=true', refusal('near:missing', 'none', 'Location')],
    ['Patient', 'name:text=x', refusal('name:text', ':missing, :exact and :contains', 'Patient')],
    ['Patient', 'name:EXACT=x', refusal('name:EXACT', ':missing, :exact and :contains', 'Patient')],
    [
      'Patient',
      'name:exact:contains=x',
      "not-supported http.name:exact:contains: 'name' of Patient does not take the modifier ':exact:contains'. It takes :missing, :exact and :contains.",
    ],
    ['ValueSet', 'url:contains=x', refusal('url:contains', ':missing, :above and :below', 'ValueSet')],
    [
      'Observation',
      'subject:not=Patient/1',
      refusal(
        'subject:not',
        ':missing, :identifier, :above, :below and the type it points at (Device, Group, Location and Patient)',
      ),
    ],
    [
      'List',
      'item:patient=1',
      refusal(
        'item:patient',
        ':missing, :identifier, :above, :below and the type it points at (any of 145 types)',
        'List',
      ),
    ],
    [
      'Observation',
      'subject:Encounter=1',
      "not-supported http.subject:Encounter: 'subject' of Observation does not refer to Encounter: it refers to Device, Group, Location and Patient.",
    ],
  ])('%s?%s', (type, query, text) => {
    expect(reading.refusals(type, query)).toEqual([text]);
  });

  test('of _sort', () => {
    expect(reading.refusals('Patient', '_sort:desc=family')).toEqual([
      "not-supported http._sort:desc: _sort takes no modifier: leave out ':desc', and write - before a key for descending order.",
    ]);
  });

  test.each([
    ['Ma%20Smith', '(with a blank in it)'],
    ['Smith[0]', '(with characters that names do not have)'],
    ['x'.repeat(201), '(longer than 200 characters)'],
  ])('names that are no plain words are not repeated: %s', (modifier, told) => {
    expect(reading.refusals('Patient', `name:${modifier}=x`)).toEqual([
      `not-supported -: 'name' of Patient does not take the modifier ${told}. It takes :missing, :exact and :contains.`,
    ]);
  });
});

describe(':above and :below of references', () => {
  test.each([
    [
      'Location',
      'partof:below=1',
      {
        direction: 'below',
        type: 'Location',
        by: 'partof',
        parameter: 'partof',
        references: [{ value: '1' }],
      },
    ],
    [
      'Procedure',
      'location:above=Location/1',
      {
        direction: 'above',
        type: 'Location',
        by: 'partof',
        parameter: 'location',
        references: [{ value: 'Location/1' }],
      },
    ],
    [
      'Encounter',
      'part-of:below=a,b',
      {
        direction: 'below',
        type: 'Encounter',
        by: 'part-of',
        parameter: 'part-of',
        references: [{ value: 'a' }, { value: 'b' }],
      },
    ],
    [
      'Patient',
      'organization:below=1',
      {
        direction: 'below',
        type: 'Organization',
        by: 'partof',
        parameter: 'organization',
        references: [{ value: '1' }],
      },
    ],
    [
      'Procedure',
      'part-of:below=Procedure/1',
      {
        direction: 'below',
        type: 'Procedure',
        by: 'part-of',
        parameter: 'part-of',
        references: [{ value: 'Procedure/1' }],
      },
    ],
    [
      'Patient',
      'general-practitioner:below=Organization/1',
      {
        direction: 'below',
        type: 'Organization',
        by: 'partof',
        parameter: 'general-practitioner',
        references: [{ value: 'Organization/1' }],
      },
    ],
    [
      'MedicationStatement',
      'source:below=http://x/1',
      {
        direction: 'below',
        type: 'Organization',
        by: 'partof',
        parameter: 'source',
        references: [{ value: 'http://x/1' }],
      },
    ],
    [
      'Task',
      'focus:below=Location/1',
      {
        direction: 'below',
        type: 'Location',
        by: 'partof',
        parameter: 'focus',
        references: [{ value: 'Location/1' }],
      },
    ],
    [
      'Task',
      'subject:below=1',
      { direction: 'below', type: 'Task', by: 'subject', parameter: 'subject', references: [{ value: '1' }] },
    ],
    [
      'List',
      'item:above=List/1',
      { direction: 'above', type: 'List', by: 'item', parameter: 'item', references: [{ value: 'List/1' }] },
    ],
    [
      'Task',
      'focus:below=http://x/Organization/1/_history/2',
      {
        direction: 'below',
        type: 'Organization',
        by: 'partof',
        parameter: 'focus',
        references: [{ value: 'http://x/Organization/1/_history/2' }],
      },
    ],
    [
      'ServiceRequest',
      'based-on:below=1',
      {
        direction: 'below',
        type: 'ServiceRequest',
        by: 'based-on',
        parameter: 'based-on',
        references: [{ value: '1' }],
      },
    ],
  ])('%s?%s', (type, query, expected) => {
    expect(reading.conditions(type, query)).toEqual([{ kind: 'reference-hierarchy', ...expected }]);
  });

  test.each([
    [
      'Observation',
      'performer:below=Practitioner/1',
      "':below' of 'performer' follows the hierarchy of one type: name it in the values, as Type/id, of Organization.",
    ],
    [
      'Task',
      'subject:above=Location/1,Organization/1',
      "':above' of 'subject' follows the hierarchy of one type: name it in the values, as Type/id, of CarePlan, Communication, Encounter, Location, MedicationStatement, Organization, Procedure, ResearchStudy and Task.",
    ],
    [
      'AuditEvent',
      'entity:below=Patient/1',
      "':below' of 'entity' follows the hierarchy of one type: name it in the values, as Type/id, of AuditEvent, CarePlan, Communication, Encounter, Location, MedicationStatement, Organization, Procedure, ResearchStudy and Task.",
    ],
    [
      'Basic',
      'author:below=1,Patient/2',
      "':below' of 'author' follows the hierarchy of one type: name it in the values, as Type/id, of Organization.",
    ],
    [
      'Observation',
      'part-of:below=1',
      "':below' of 'part-of' follows the hierarchy of one type: name it in the values, as Type/id, of MedicationStatement and Procedure.",
    ],
    [
      'AllergyIntolerance',
      'patient:below=1',
      "':below' needs references that make a hierarchy, and those of 'patient' of AllergyIntolerance make none.",
    ],
  ])('%s?%s is refused', (type, query, text) => {
    expect(reading.issues(type, query).map((issue) => issue.diagnostics)).toEqual([text]);
  });
});
