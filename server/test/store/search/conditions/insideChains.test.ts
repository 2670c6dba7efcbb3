import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Condition } from '../../../../src/fhir/search/ast.ts';
import { ConditionWorld } from './support.ts';

const to = (reference: string) => ({ reference });
const coded = (code: string) => ({ coding: [{ system: 'http://rx', code }] });

describe('chains into contained resources (http://hl7.org/fhir/R4/search.html#contained)', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    const request = { status: 'active', intent: 'order', subject: to('Patient/p') };
    const medication = (code: string, more: object = {}) => ({
      resourceType: 'Medication',
      id: 'm',
      code: coded(code),
      ...more,
    });
    await world.putAll('MedicationRequest', {
      inside: { ...request, contained: [medication('aspirin')], medicationReference: to('#m') },
      other: {
        ...request,
        contained: [
          medication('other', {
            expirationDate: '2030-01',
            batch: { expirationDate: '2031', lotNumber: 'L1' },
          }),
        ],
        medicationReference: to('#m'),
      },
      unused: { ...request, contained: [medication('aspirin')], medicationCodeableConcept: coded('x') },
      lost: { ...request, medicationReference: to('#m') },
      coded: { ...request, medicationCodeableConcept: coded('aspirin') },
      twice: {
        ...request,
        contained: [
          medication('aspirin'),
          { resourceType: 'Practitioner', id: 'd', name: [{ family: 'Müller' }] },
          { resourceType: 'Organization', id: 'o', name: 'Nord', partOf: to('Organization/all') },
        ],
        medicationReference: to('#m'),
        requester: to('#d'),
        performer: to('#o'),
      },
    });
    await world.putAll('Observation', {
      group: {
        status: 'final',
        contained: [
          {
            resourceType: 'Observation',
            id: 'o',
            status: 'final',
            effectiveDateTime: '2024-05-01',
            valueQuantity: { value: 5, system: 'http://unitsofmeasure.org', code: 'kg' },
          },
        ],
        hasMember: [to('#o')],
      },
    });
  });
  afterAll(() => world.close());

  const chain = (type: string, code: string, target: string, condition: Condition): Condition => ({
    kind: 'chain',
    parameter: world.parameter(type, code),
    targets: [{ type: target, condition }],
  });
  const token = (type: string, code: string, value: string): Condition => ({
    kind: 'token',
    parameter: world.parameter(type, code),
    tokens: [{ code: value }],
  });
  const requests = (code: string, target: string, condition: Condition) =>
    world.find('MedicationRequest', chain('MedicationRequest', code, target, condition));
  const medications = (condition: Condition) => requests('medication', 'Medication', condition);
  const members = (condition: Condition) =>
    world.find('Observation', chain('Observation', 'has-member', 'Observation', condition));
  const aspirin = () => token('Medication', 'code', 'aspirin');

  test('no resource of the type need be stored by itself', async () => {
    expect(await medications(aspirin())).toEqual(['inside', 'twice']);
  });

  test('together with those that are', async () => {
    await world.put('Medication/stored', { code: coded('aspirin') });
    await world.put('MedicationRequest/outside', { medicationReference: to('Medication/stored') });
    expect(await medications(aspirin())).toEqual(['inside', 'outside', 'twice']);
    await world.delete('MedicationRequest/outside');
  });

  test('what is negated must still be referred to', async () => {
    expect(await medications({ kind: 'not', condition: aspirin() })).toEqual(['other']);
    const lot = world.parameter('Medication', 'lot-number');
    expect(await medications({ kind: 'missing', missing: false, parameter: lot })).toEqual(['other']);
    expect(await medications({ kind: 'missing', missing: true, parameter: lot })).toEqual([
      'inside',
      'twice',
    ]);
  });

  test('by every type of parameter that keys and side rows answer', async () => {
    const name = (type: string, match: 'starts-with' | 'exact' | 'contains', value: string): Condition => ({
      kind: 'string',
      parameter: world.parameter(type, 'name'),
      match,
      values: [value],
    });
    expect(await requests('requester', 'Practitioner', name('Practitioner', 'starts-with', 'mull'))).toEqual([
      'twice',
    ]);
    expect(await requests('requester', 'Practitioner', name('Practitioner', 'exact', 'Müller'))).toEqual([
      'twice',
    ]);
    expect(await requests('requester', 'Practitioner', name('Practitioner', 'exact', 'Muller'))).toEqual([]);
    expect(await requests('requester', 'Practitioner', name('Practitioner', 'contains', 'ller'))).toEqual([
      'twice',
    ]);
    const year = (lo: number) => ({ prefix: 'eq' as const, exact: lo, lo, hi: Date.UTC(2024, 11, 31) });
    expect(
      await members({
        kind: 'date',
        parameter: world.parameter('Observation', 'date'),
        comparisons: [year(Date.UTC(2024))],
      }),
    ).toEqual(['group']);
    const five = {
      prefix: 'eq' as const,
      exact: 5000,
      lo: 4999,
      hi: 5001,
      system: 'http://unitsofmeasure.org',
      code: 'g',
    };
    const quantity = world.parameter('Observation', 'value-quantity');
    expect(await members({ kind: 'quantity', parameter: quantity, quantities: [five] })).toEqual(['group']);
    expect(
      await requests('intended-performer', 'Organization', {
        kind: 'reference',
        parameter: world.parameter('Organization', 'partof'),
        references: [{ value: 'Organization/all' }],
      }),
    ).toEqual(['twice']);
  });

  test('the container is not found by what it contains', async () => {
    expect(
      await world.find('Observation', {
        kind: 'missing',
        missing: false,
        parameter: world.parameter('Observation', 'date'),
      }),
    ).toEqual([]);
    expect(await world.find('MedicationRequest', token('MedicationRequest', 'code', 'aspirin'))).toEqual([
      'coded',
    ]);
    expect(await requests('requester', 'PractitionerRole', { kind: 'constant', value: true })).toEqual([]);
  });

  test('what only a resource by itself has is not asked of what is contained', async () => {
    expect(await medications({ kind: 'id', ids: ['m', 'inside'] })).toEqual([]);
    expect(
      await medications({ kind: 'full-text', where: 'content', query: { kind: 'words', text: 'aspirin' } }),
    ).toEqual([]);
  });
});
