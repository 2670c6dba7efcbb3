import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../../src/fhir/resource.ts';
import { createIndexer } from '../../../src/store/index/indexer.ts';
import { createIndexQuery, type IndexQuery, type PartQuery } from '../../../src/store/index/query.ts';
import { overlap } from '../../../src/store/index/spanTest.ts';
import type { Indexer } from '../../../src/store/index/rows.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { meets } from './support/rows.ts';

const SECRET = new Uint8Array(16).fill(3);

describe('composite parameters', () => {
  let indexer: Indexer;
  let query: IndexQuery;

  beforeAll(async () => {
    const definitions = await r4Definitions();
    indexer = createIndexer(definitions, SECRET);
    query = createIndexQuery(definitions, SECRET);
  });

  test('keep start and end of a sequence variant together', () => {
    const variant = (start: number, end: number) => ({ start, end });
    const rows = indexer.index({
      resourceType: 'MolecularSequence',
      referenceSeq: { chromosome: { coding: [{ code: '7' }] } },
      variant: [variant(10, 20), variant(100, 200)],
    } as Resource);
    const finds = (start: number, end: number) =>
      meets(
        rows,
        query.compositeTerm('MolecularSequence', 'chromosome-variant-coordinate', [
          { kind: 'token', token: { code: '7' } },
          { kind: 'number', test: overlap(start, start) },
          { kind: 'number', test: overlap(end, end) },
        ]),
      );
    expect([finds(10, 20), finds(100, 200), finds(10, 200), finds(100, 20)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('find a blood pressure by component and by comparable unit', () => {
    const component = (code: string, value: number) => ({
      code: { coding: [{ system: 'http://loinc.org', code }] },
      valueQuantity: { value, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
    });
    const rows = indexer.index({
      resourceType: 'Observation',
      component: [component('8480-6', 150), component('8462-4', 90)],
    } as Resource);
    const above = (code: string, lo: number, unit?: string) =>
      meets(
        rows,
        query.compositeTerm('Observation', 'component-code-value-quantity', [
          { kind: 'token', token: { system: 'http://loinc.org', code } },
          {
            kind: 'quantity',
            quantity: {
              test: overlap(lo, Infinity),
              ...(unit ? { system: 'http://unitsofmeasure.org', code: unit } : {}),
            },
          },
        ]),
      );
    expect(above('8480-6', 140)).toBe(true);
    expect(above('8462-4', 140)).toBe(false);
    expect(above('8480-6', 14, 'kPa')).toBe(true);
    expect(above('8480-6', 21, 'kPa')).toBe(false);
  });

  test('refuse codes that would make too many pairs', () => {
    const concept = { coding: Array.from({ length: 200 }, (_, i) => ({ system: 'urn:s', code: `c${i}` })) };
    const observation = {
      resourceType: 'Observation',
      component: [{ code: concept, valueCodeableConcept: concept }],
    };
    expect(() => indexer.index(observation)).toThrow('Observation.component has codes that make more than');
  });

  test('refuse what they cannot answer', () => {
    const ask = (parts: PartQuery[]) => () =>
      query.compositeTerm('Observation', 'component-code-value-concept', parts);
    const token: PartQuery = { kind: 'token', token: { code: 'x' } };
    expect(ask([token])).toThrow('2 parts');
    expect(ask([{ kind: 'token', token: { system: 'http://loinc.org' } }, token])).toThrow(
      'not only a system',
    );
  });
});
