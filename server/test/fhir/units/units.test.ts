import { describe, expect, test } from '@jest/globals';
import { createUnitConverter } from '../../../src/fhir/units/units.ts';

describe('UCUM base units', () => {
  const converter = createUnitConverter();
  const base = (value: number, code: string) => converter.canonicalSpan({ lo: value, hi: value }, code);

  test.each([
    [5, 'mg', 0.005, 'g'],
    [2, 'kg', 2_000, 'g'],
    [1, 'h', 3_600, 's'],
  ])('%d %s is %d %s', (value, code, expected, unit) => {
    const found = base(value, code);
    expect(found?.lo).toBeCloseTo(expected, 12);
    expect(found?.hi).toBe(found?.lo);
    expect(found?.unit).toBe(`${unit}1`);
  });

  test.each([
    [1, 'g/dL', 10, 'g/L'],
    [1_000, 'mmol/L', 1, 'mol/L'],
    [98.6, '[degF]', 37, 'Cel'],
    [7.500616827, 'mm[Hg]', 1, 'kPa'],
    [50, '%', 0.5, '1'],
    [1, '[iU]/L', 1, '[IU]/L'],
    [5, 'm[IU]/L', 5, 'u[IU]/mL'],
    [1, '10*6.[CFU]/L', 1_000, '[CFU]/mL'],
  ])('%d %s is as much as %d %s', (value, code, otherValue, otherCode) => {
    const [one, other] = [base(value, code), base(otherValue, otherCode)];
    expect(one?.unit).toBe(other?.unit);
    expect((one?.lo ?? NaN) / (other?.lo ?? NaN)).toBeCloseTo(1, 4);
  });

  test('what measures different things has different units', () => {
    expect(base(1, 'mg')?.unit).not.toBe(base(1, 'mL')?.unit);
    expect(base(1, 'g/L')?.unit).not.toBe(base(1, 'g/m2')?.unit);
  });

  test.each(['furlongs per fortnight', '', '[IU]/[CFU]', '()mg', 'x'.repeat(10_000)])(
    '%j converts to nothing',
    (code) => {
      expect(base(1, code)).toBeUndefined();
    },
  );

  test('arbitrary units are comparable with themselves only', () => {
    const units = ['[IU]/L', '[CFU]/L', "[arb'U]/L", 'cd/L', '/L'].map((code) => base(1, code)?.unit);
    expect(new Set(units).size).toBe(5);
    expect(units[0]).toBe('[IU]1.m-3');
  });

  test('keeps open ends, and turns them round on a falling scale', () => {
    expect(converter.canonicalSpan({ lo: -Infinity, hi: 5 }, 'kg')).toEqual({
      lo: -Infinity,
      hi: 5_000,
      unit: 'g1',
    });
    const acid = converter.canonicalSpan({ lo: -Infinity, hi: 7 }, '[pH]');
    expect(acid?.hi).toBe(Infinity);
    expect(acid?.lo).toBeCloseTo(base(7, '[pH]')?.lo ?? NaN, 6);
  });
});
