import { describe, expect, test } from '@jest/globals';
import { createKeyHasher } from '../../../../src/store/index/keys.ts';
import { createUnitConverter } from '../../../../src/fhir/units/units.ts';
import { CONVERSION_TOLERANCE } from '../../../../src/store/index/spanTest.ts';
import {
  INSET,
  createUnitKeys,
  numberReader,
  quantityReader,
  NO_UNIT,
} from '../../../../src/store/index/values/quantity.ts';

const units = createUnitKeys(createKeyHasher(new Uint8Array(16)));
const converter = createUnitConverter();
const read = (type: string, value: unknown) => quantityReader(type, units, converter)?.(value);
const ucum = (value: number, code: string) => ({ value, system: 'http://unitsofmeasure.org', code });
const kilogram = units.canonical('g1');

describe('quantities of elements', () => {
  test('stand in their own unit and in UCUM base units', () => {
    expect(read('Quantity', ucum(2, 'kg'))).toEqual([
      { lo: 2, hi: 2, unit: units.code('kg'), canonical: false },
      { lo: 2_000, hi: 2_000, unit: kilogram, canonical: true },
    ]);
  });

  test('have their system where it is not UCUM, or the code is not', () => {
    expect(read('Quantity', { value: 1, system: 'urn:x', code: 'u' })).toEqual([
      { lo: 1, hi: 1, unit: units.code('u'), canonical: false },
      { lo: 1, hi: 1, unit: units.systemCode('urn:x', 'u'), canonical: false },
    ]);
    expect(read('Quantity', ucum(1, 'no unit'))?.[1]?.unit).toBe(
      units.systemCode('http://unitsofmeasure.org', 'no unit'),
    );
    expect(read('Money', { value: 9.5, currency: 'EUR' })?.[1]?.unit).toBe(
      units.systemCode('urn:iso:std:iso:4217', 'EUR'),
    );
  });

  test('go by the printed unit where they have no code, and by none where they have neither', () => {
    expect(read('Quantity', { value: 1, unit: 'tablets', system: 'urn:x' })).toEqual([
      { lo: 1, hi: 1, unit: units.code('tablets'), canonical: false },
    ]);
    expect(read('Quantity', { value: 1 })).toEqual([{ lo: 1, hi: 1, unit: NO_UNIT, canonical: false }]);
    expect(read('Quantity', { code: 'mg' })).toEqual([]);
  });

  test.each([
    ['<', -Infinity, 5 - 5 * INSET],
    ['<=', -Infinity, 5],
    ['>', 5 + 5 * INSET, Infinity],
    ['>=', 5, Infinity],
  ])('are open with the comparator %s', (comparator, lo, hi) => {
    expect(read('Quantity', { ...ucum(5, 'g'), comparator })?.map((span) => [span.lo, span.hi])).toEqual([
      [lo, hi],
      [lo, hi],
    ]);
  });

  test('an excluded bound lies within it, also at zero', () => {
    const read0 = read('Quantity', { value: 0, comparator: '<' });
    expect(read0?.[0]?.hi).toBeLessThan(0);
    expect(INSET).toBeGreaterThan(3 * CONVERSION_TOLERANCE);
  });

  test('of a Range go from its low to its high end, in base units where the ends differ', () => {
    expect(read('Range', { low: ucum(1, 'kg'), high: ucum(2, 'kg') })).toEqual([
      { lo: 1, hi: 2, unit: units.code('kg'), canonical: false },
      { lo: 1_000, hi: 2_000, unit: kilogram, canonical: true },
    ]);
    expect(read('Range', { low: ucum(500, 'g'), high: ucum(2, 'kg') })).toEqual([
      { lo: 500, hi: 2_000, unit: kilogram, canonical: true },
    ]);
    expect(read('Range', { high: ucum(2, 'kg') })?.[0]).toEqual({
      lo: -Infinity,
      hi: 2,
      unit: units.code('kg'),
      canonical: false,
    });
    expect(read('Range', {})).toEqual([]);
  });
});

describe('numbers of elements', () => {
  test('are exact, and of a Range its ends', () => {
    expect(numberReader('decimal')?.(0.5)).toEqual({ lo: 0.5, hi: 0.5 });
    expect(numberReader('Range')?.({ low: { value: 1 } })).toEqual({ lo: 1, hi: Infinity });
    expect(numberReader('Range')?.({})).toBeUndefined();
    expect(numberReader('integer')?.('5')).toBeUndefined();
    expect(numberReader('string')).toBeUndefined();
  });
});
