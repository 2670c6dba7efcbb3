import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../src/fhir/definitions/types.ts';
import type { Issue } from '../../src/fhir/outcome.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { createValidator, type ValidatorParts } from '../../src/validation/createValidator.ts';
import type { CodeQuestion, Ports } from '../../src/validation/ports.ts';
import { r4Definitions } from '../support/definitions.ts';

let definitions: Definitions;

beforeAll(async () => {
  definitions = await r4Definitions();
});

const validate = (resource: object, parts: ValidatorParts, options = {}) =>
  createValidator(definitions, parts).validate(resource as Resource, options);
const told = (issues: readonly Issue[]): string[] =>
  issues.map(({ details, expression }) => `${details?.coding?.[0]?.code} ${expression?.[0]}`);
const observation = (content: object) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  ...content,
});

describe('a validation', () => {
  test('answers at once where nothing has to be asked', () => {
    const ports: Ports = { references: { existing: () => Promise.reject(new Error('not to be asked')) } };
    expect(validate(observation({}), { ports })).toEqual([]);
    expect(validate(observation({ subject: { reference: 'Patient/1' } }), {})).toEqual([]);
  });

  test('asks for all references in one go, and puts what comes of it where it was asked', async () => {
    const asked: unknown[] = [];
    const ports: Ports = {
      references: {
        existing: (references) => {
          asked.push(references);
          return Promise.resolve(references.map(({ id }) => id !== 'gone'));
        },
      },
    };
    const resource = observation({
      subject: { reference: 'Patient/gone' },
      performer: [{ reference: 'Practitioner/1' }, { reference: 'Practitioner/gone' }],
      valueBoolean: 'x',
    });
    expect(told(await validate(resource, { ports }))).toEqual([
      'reference-unknown Observation.subject.reference',
      'reference-unknown Observation.performer[1].reference',
      'json-type Observation.value',
    ]);
    expect(asked).toEqual([
      [
        { type: 'Patient', id: 'gone' },
        { type: 'Practitioner', id: '1' },
        { type: 'Practitioner', id: 'gone' },
      ],
    ]);
  });

  test('asks for absolute references to resources of this server, but of no other', async () => {
    const base = 'https://maxray.example/fhir/R4';
    const asked: unknown[] = [];
    const ports: Ports = {
      references: {
        base,
        existing: (references) => {
          asked.push(...references);
          return Promise.resolve(references.map(() => false));
        },
      },
    };
    const resource = observation({
      subject: { reference: `${base}/Patient/gone/_history/1` },
      performer: [
        { reference: 'https://other.example/fhir/R4/Practitioner/1' },
        { reference: `${base}4/Practitioner/2` },
        { reference: `${base}/x/Practitioner/3` },
        { reference: `${base}/Practitioner/4` },
      ],
    });
    expect(told(await validate(resource, { ports }))).toEqual([
      'reference-unknown Observation.subject.reference',
      'reference-unknown Observation.performer[3].reference',
    ]);
    expect(asked).toEqual([
      { type: 'Patient', id: 'gone' },
      { type: 'Practitioner', id: '4' },
    ]);
    const entry = [
      { resource: { resourceType: 'Patient', id: '1' }, request: { method: 'PUT', url: 'Patient/1' } },
      {
        resource: observation({ subject: { reference: `${base}/Patient/1` } }),
        request: { method: 'POST', url: 'Observation' },
      },
    ];
    expect(validate({ resourceType: 'Bundle', type: 'transaction', entry }, { ports })).toEqual([]);
  });

  test('does not ask for what the Bundle has itself', () => {
    const ports: Ports = { references: { existing: () => Promise.reject(new Error('not to be asked')) } };
    const entry = [
      { resource: { resourceType: 'Patient', id: '1' }, request: { method: 'PUT', url: 'Patient/1' } },
      {
        resource: observation({ subject: { reference: 'Patient/1' } }),
        request: { method: 'POST', url: 'Observation' },
      },
    ];
    expect(validate({ resourceType: 'Bundle', type: 'transaction', entry }, { ports })).toEqual([]);
  });

  test('asks about codes that are not in memory; extensible bindings only where warnings are wanted', async () => {
    const asked: CodeQuestion[] = [];
    const ports: Ports = {
      codes: {
        answer: (questions) => {
          asked.push(...questions);
          return Promise.resolve(questions.map(() => ({ verdict: 'out' as const })));
        },
      },
    };
    const coding = { system: 'http://x', code: 'y' };
    const encounter = { resourceType: 'Encounter', status: 'planned', class: coding };
    expect(validate(encounter, { ports })).toEqual([]);
    const [issue] = await validate(encounter, { ports }, { thorough: true });
    expect(issue).toMatchObject({ severity: 'warning', expression: ['Encounter.class'] });
    expect(asked).toEqual([
      { valueSet: 'http://terminology.hl7.org/ValueSet/v3-ActEncounterCode', codings: [coding] },
    ]);
  });

  test('asks about the own code systems of codings and units where warnings are wanted', async () => {
    const asked: unknown[] = [];
    const ports: Ports = {
      codes: {
        answer: (questions) => Promise.resolve(questions.map(() => ({ verdict: 'in' as const }))),
        faults: (codings) => {
          asked.push(...codings);
          const fault = { kind: 'code', severity: 'error', text: 'Unknown code' } as const;
          return Promise.resolve(codings.map(({ code }) => (code === 'mgg' ? [fault] : [])));
        },
      },
    };
    const system = 'http://unitsofmeasure.org';
    const resource = observation({
      code: { coding: [{ system: 'http://x', code: 'y', display: 'Y' }, { code: 'z' }] },
      valueQuantity: { value: 1, unit: 'mg', system, code: 'mgg' },
      extension: [{ url: 'http://x/e', valueCoding: { system: 'x', code: 'y' } }],
    });
    expect(validate(resource, { ports })).toEqual([]);
    expect(told(await validate(resource, { ports }, { thorough: true, mode: 'base' }))).toEqual(
      expect.arrayContaining(['coding-code Observation.value']),
    );
    expect(asked).toEqual([
      { system: 'http://x', code: 'y', display: 'Y' },
      { system, code: 'mgg' },
    ]);
  });

  test('asks for definitions of extensions that R4 does not have', async () => {
    const url = 'http://hl7.org/fhir/StructureDefinition/later';
    const resource = observation({ extension: [{ url, valueCode: 'x' }] });
    const structures = (known: boolean): Ports => ({
      structures: {
        structure: (canonical) =>
          Promise.resolve(known && canonical === url ? ({ url } as never) : undefined),
        revision: () => 1,
      },
    });
    expect(told(await validate(resource, { ports: structures(true) }))).toEqual([]);
    expect(told(await validate(resource, { ports: structures(false) }))).toEqual([
      'extension-unknown Observation.extension[0]',
    ]);
  });

  test('compares a response with the questionnaire that is found, and asks about its codes then', async () => {
    const questionnaire = {
      resourceType: 'Questionnaire',
      item: [{ linkId: 'a', type: 'choice', answerValueSet: 'http://x/vs' }],
    };
    const ports: Ports = {
      questionnaires: { questionnaire: () => Promise.resolve(questionnaire) },
      codes: { answer: (questions) => Promise.resolve(questions.map(() => ({ verdict: 'out' as const }))) },
    };
    const item = [
      { linkId: 'a', answer: [{ valueCoding: { system: 'http://x', code: 'y' } }] },
      { linkId: 'b' },
    ];
    const response = {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      questionnaire: 'http://x/q',
      item,
    };
    expect(told(await validate(response, { ports }))).toEqual([
      'questionnaire-link QuestionnaireResponse.item[1]',
      'questionnaire-option QuestionnaireResponse.item[0].answer[0].value',
    ]);
  });

  test('of two at the same time keeps them apart', async () => {
    const ports: Ports = {
      references: { existing: (references) => Promise.resolve(references.map(() => false)) },
    };
    const validator = createValidator(definitions, { ports });
    const both = await Promise.all(
      ['Patient/1', 'Group/2'].map((reference) =>
        validator.validate(
          observation({ subject: { reference }, ...(reference === 'Group/2' && { x: 1 }) }) as Resource,
        ),
      ),
    );
    expect(both.map(told)).toEqual([
      ['reference-unknown Observation.subject.reference'],
      ['reference-unknown Observation.subject.reference', 'unknown-element Observation.x'],
    ]);
  });
});
