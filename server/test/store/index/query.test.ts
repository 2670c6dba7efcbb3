import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../../src/fhir/resource.ts';
import { createIndexer } from '../../../src/store/index/indexer.ts';
import { createIndexQuery, type IndexQuery, type TokenValue } from '../../../src/store/index/query.ts';
import { overlap } from '../../../src/store/index/spanTest.ts';
import type { Indexer, IndexRows } from '../../../src/store/index/rows.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { hasAnyKey, isPresent, hasExact, hasQuantity, hasString } from './support/rows.ts';

const SECRET = new Uint8Array(16).fill(11);
const PUBLIC_BASE = 'http://maxray.example/fhir/R4';
const UCUM = 'http://unitsofmeasure.org';

describe('what a search asks of the index', () => {
  let indexer: Indexer;
  let query: IndexQuery;
  const rowsOf = (resourceType: string, content: object): IndexRows =>
    indexer.index({ resourceType, ...content } as Resource);

  beforeAll(async () => {
    const definitions = await r4Definitions();
    indexer = createIndexer(definitions, SECRET, { publicBase: PUBLIC_BASE });
    query = createIndexQuery(definitions, SECRET, { publicBase: PUBLIC_BASE });
  });

  test.each([
    [{ code: 'a' }, true],
    [{ system: 'urn:s', code: 'a' }, true],
    [{ system: 'urn:s' }, true],
    [{ system: '', code: 'b' }, true],
    [{ system: '', code: 'a' }, false],
    [{ system: 'urn:s', code: 'b' }, false],
    [{ system: 'urn:t' }, false],
    [{ code: 'A' }, false],
  ])('token %j: %s', (token, found) => {
    const rows = rowsOf('Observation', { code: { coding: [{ system: 'urn:s', code: 'a' }, { code: 'b' }] } });
    expect(hasAnyKey(rows, query.tokenKeys('Observation', 'code', token))).toBe(found);
  });

  test('a code element is found with and without the system that it implies', () => {
    const rows = rowsOf('Observation', { status: 'final' });
    for (const system of [undefined, '', 'http://hl7.org/fhir/observation-status']) {
      const token = system === undefined ? { code: 'final' } : { system, code: 'final' };
      expect(hasAnyKey(rows, query.tokenKeys('Observation', 'status', token))).toBe(true);
    }
  });

  test('an identifier is found by its type', () => {
    const type = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] };
    const rows = rowsOf('Patient', { identifier: [{ type, system: 'urn:x', value: '12' }] });
    const ask = (code: string, value: string) =>
      hasAnyKey(rows, query.ofTypeKeys('Patient', 'identifier', type.coding[0]!.system, code, value));
    expect([ask('MR', '12'), ask('MR', '13'), ask('SS', '12')]).toEqual([true, false, false]);
  });

  test.each([
    ['Patient/1', '1', undefined, true],
    ['Patient/1', '1', 'Patient', true],
    ['Patient/1', '1', 'Group', false],
    ['Patient/1', 'Group/1', undefined, false],
    [`${PUBLIC_BASE}/Patient/1`, 'Patient/1', undefined, true],
    ['Patient/1', `${PUBLIC_BASE}/Patient/1`, undefined, true],
    ['Patient/1/_history/2', 'Patient/1', undefined, true],
    ['Patient/1/_history/2', 'Patient/1/_history/2', undefined, true],
    ['Patient/1', 'Patient/1/_history/2', undefined, false],
    ['http://other.example/Patient/1', 'http://other.example/Patient/1', undefined, true],
    ['http://other.example/Patient/1', 'Patient/1', undefined, false],
    ['urn:uuid:5', 'urn:uuid:5', undefined, true],
    ['#1', '1', undefined, false],
  ])('reference %s asked as %s (%s): %s', (reference, value, target, found) => {
    const rows = rowsOf('Observation', { subject: { reference } });
    expect(hasAnyKey(rows, query.referenceKeys('Observation', 'subject', value, target))).toBe(found);
  });

  test('a parameter that is limited to a type finds references to that type only', () => {
    const rows = rowsOf('Observation', { subject: { reference: 'Group/1' } });
    expect(hasAnyKey(rows, query.referenceKeys('Observation', 'subject', '1'))).toBe(true);
    for (const value of ['1', 'Group/1', 'Patient/1']) {
      expect(hasAnyKey(rows, query.referenceKeys('Observation', 'patient', value))).toBe(false);
    }
    expect(isPresent(rows, query.presence('Observation', 'patient'))).toBe(false);
    expect(isPresent(rows, query.presence('Observation', 'subject'))).toBe(true);
  });

  test('what is contained counts as a value by its type', () => {
    const contained = [{ resourceType: 'Patient', id: 'p' }];
    const rows = rowsOf('Observation', { contained, subject: { reference: '#p' } });
    expect(isPresent(rows, query.presence('Observation', 'patient'))).toBe(true);
    const other = rowsOf('Observation', {
      contained: [{ resourceType: 'Group', id: 'p' }],
      subject: { reference: '#p' },
    });
    expect(isPresent(other, query.presence('Observation', 'patient'))).toBe(false);
  });

  test('a logical reference is found by its identifier, and not as a literal one', () => {
    const rows = rowsOf('Observation', { subject: { identifier: { system: 'urn:x', value: 'Patient/7' } } });
    const ask = (system: string) =>
      query.identifierKeys('Observation', 'subject', { system, code: 'Patient/7' });
    expect(hasAnyKey(rows, ask('urn:x'))).toBe(true);
    expect(hasAnyKey(rows, ask('urn:y'))).toBe(false);
    const inSystem = (system: string) => query.identifierKeys('Observation', 'subject', { system });
    expect([hasAnyKey(rows, inSystem('urn:x')), hasAnyKey(rows, inSystem('urn:y'))]).toEqual([true, false]);
    expect(hasAnyKey(rows, query.referenceKeys('Observation', 'subject', 'Patient/7'))).toBe(false);
  });

  test('a parameter for one type is not found by identifiers of references to others', () => {
    const identifier = { system: 'urn:x', value: '7' };
    const finds = (subject: object, code: string) =>
      [{ system: 'urn:x', code: '7' }, { code: '7' }, { system: 'urn:x' }].map((token) =>
        hasAnyKey(rowsOf('Observation', { subject }), query.identifierKeys('Observation', code, token)),
      );
    const [all, none] = [
      [true, true, true],
      [false, false, false],
    ];
    expect(finds({ reference: 'Patient/1', identifier }, 'patient')).toEqual(all);
    expect(finds({ type: 'Patient', identifier }, 'patient')).toEqual(all);
    expect(finds({ reference: 'Group/1', identifier }, 'patient')).toEqual(none);
    expect(finds({ reference: 'Group/1', identifier }, 'subject')).toEqual(all);
    // It may be anybody: patient:missing=true finds it, too.
    expect(finds({ identifier }, 'patient')).toEqual(none);
  });

  test('a system means the codings where a code may stand alone as well', () => {
    const rows = rowsOf('MessageHeader', { eventCoding: { system: 'urn:x', code: 'a' } });
    const ask = (token: TokenValue) => hasAnyKey(rows, query.tokenKeys('MessageHeader', 'event', token));
    const tokens = [
      { code: 'a' },
      { system: 'urn:x', code: 'a' },
      { system: 'urn:y', code: 'a' },
      { system: '', code: 'a' },
    ];
    expect(tokens.map(ask)).toEqual([true, true, false, false]);
  });

  test.each(['http://example.org/q|2', 'http://example.org/q|2#part'])(
    '%s is found with and without its version',
    (questionnaire) => {
      const rows = rowsOf('QuestionnaireResponse', { questionnaire });
      const ask = (value: string) =>
        hasAnyKey(rows, query.referenceKeys('QuestionnaireResponse', 'questionnaire', value));
      expect([
        ask('http://example.org/q'),
        ask('http://example.org/q|2'),
        ask('http://example.org/q|3'),
      ]).toEqual([true, true, false]);
    },
  );

  test('names are found by their beginning, exactly, and by their sound', () => {
    const rows = rowsOf('Patient', { name: [{ family: 'Müller-Lüdenscheidt', given: ['Zoë'] }] });
    const begins = (code: string, value: string) =>
      hasString(rows, query.stringPrefix('Patient', code, value));
    expect([begins('name', 'mull'), begins('family', 'MÜLLER'), begins('name', 'zoe')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([begins('name', 'ller'), begins('given', 'mull'), begins('name', '\u0301')]).toEqual([
      false,
      false,
      false,
    ]);
    expect([begins('phonetic', 'Miller'), begins('phonetic', 'Maier')]).toEqual([true, false]);
    expect(hasExact(rows, query.stringExact('Patient', 'given', 'Zoë'))).toBe(true);
    expect(hasExact(rows, query.stringExact('Patient', 'given', 'zoë'))).toBe(false);
  });

  test('URIs are found by their beginning as they are written, except those in meta', () => {
    const rows = rowsOf('ValueSet', {
      url: 'http://Example.org/a/b',
      meta: { profile: ['http://example.org/p'] },
    });
    const begins = (code: string, value: string) => hasString(rows, query.uriPrefix('ValueSet', code, value));
    expect([begins('url', 'http://Example.org/a'), begins('url', 'http://example.org/a')]).toEqual([
      true,
      false,
    ]);
    expect(query.uriPrefix('ValueSet', '_profile', 'http://example.org').params).toEqual([]);
  });

  test.each([
    [{ lo: 5.35, hi: 5.45 }, true],
    [{ lo: 5.35, hi: 5.45, system: UCUM, code: 'mg' }, true],
    [{ lo: 0.00535, hi: 0.00545, system: UCUM, code: 'g' }, true],
    [{ lo: 5.35, hi: 5.45, system: UCUM, code: 'g' }, false],
    [{ lo: 5.35, hi: 5.45, code: 'mg' }, true],
    [{ lo: 5.35, hi: 5.45, code: 'milligram' }, true],
    [{ lo: 5.35, hi: 5.45, code: 'g' }, false],
    [{ lo: 5.35, hi: 5.45, system: 'urn:other', code: 'mg' }, false],
  ])('quantity %j: %s', ({ lo, hi, ...unit }, found) => {
    const quantity = { test: overlap(lo, hi), ...unit };
    const valueQuantity = { value: 5.4, unit: 'milligram', system: UCUM, code: 'mg' };
    const rows = rowsOf('Observation', { valueQuantity });
    expect(hasQuantity(rows, query.quantityTerms('Observation', 'value-quantity', quantity))).toBe(found);
  });

  test('units outside UCUM are compared with their system, and comparators open a side', () => {
    const rows = rowsOf('Observation', {
      valueQuantity: { value: 3, comparator: '<', system: 'urn:units', code: 'u' },
    });
    const ask = (lo: number, hi: number, system: string) =>
      hasQuantity(
        rows,
        query.quantityTerms('Observation', 'value-quantity', { test: overlap(lo, hi), system, code: 'u' }),
      );
    expect([ask(-9, -8, 'urn:units'), ask(4, 5, 'urn:units'), ask(-9, -8, 'urn:x')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('presence is told for every parameter that a valid resource may lack', () => {
    expect(query.presence('Observation', 'code')).toBe('always');
    const has = (type: string, content: object, parameter: string) =>
      isPresent(rowsOf(type, content), query.presence(type, parameter));
    expect(has('Observation', { valueQuantity: { value: 1 } }, 'value-quantity')).toBe(true);
    expect(has('Observation', { valueString: 'x' }, 'value-quantity')).toBe(false);
    expect(has('Observation', { effectiveDateTime: '2026' }, 'date')).toBe(true);
    expect(has('Observation', {}, 'date')).toBe(false);
    expect(has('Patient', { name: [{ family: '山' }] }, 'phonetic')).toBe(true);
    expect(has('Patient', {}, 'name')).toBe(false);
    expect(has('Patient', { deceasedBoolean: false }, 'deceased')).toBe(true);
    expect(has('Location', { position: { latitude: 1, longitude: 2 } }, 'near')).toBe(true);
    expect(() => query.presence('Observation', 'code-value-quantity')).toThrow(':missing');
  });

  test('a parameter that is not in the index is a defect of the caller', () => {
    expect(query.plan('Observation', '_id')).toBeUndefined();
    expect(query.plan('Nothing', 'code')).toBeUndefined();
    expect(() => query.tokenKeys('Observation', 'nothing', { code: 'x' })).toThrow('not in the index');
  });
});
