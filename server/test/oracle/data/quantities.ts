import { rawNumber } from './decimal.ts';
import { DECIMALS } from './pools.ts';
import type { Random } from './random.ts';

export const UCUM = 'http://unitsofmeasure.org';
const UNITS = [
  'mg',
  'g',
  'kg',
  'ug',
  'mmol/L',
  'umol/L',
  'mm[Hg]',
  'kPa',
  'Cel',
  'K',
  'cm',
  'm',
  '%',
  '[iU]',
  '[IU]',
  'k[IU]',
  '/min',
];

/** A quantity in UCUM, in another system, with a printed unit or none; with a comparator now and then. */
export function quantity(random: Random, comparators = true, units: readonly string[] = UNITS): object {
  const value = { value: rawNumber(random.pick(DECIMALS)) };
  const comparator =
    comparators && random.chance(0.08) ? { comparator: random.pick(['<', '<=', '>', '>=']) } : {};
  return { ...value, ...comparator, ...unit(random, random.pick(units)) };
}

function unit(random: Random, code: string): object {
  return random.weighted<object>([
    [60, { unit: code, system: UCUM, code }],
    [10, { unit: 'milligram', system: UCUM, code }],
    [8, { unit: 'mg', system: 'http://acme.org/units', code: random.pick(['mg', 'drop']) }],
    [8, { unit: random.pick(['mg', 'Drops']) }],
    [8, {}],
  ]);
}

/** Low and high in one unit, either may be open. */
export function range(random: Random): object {
  const code = random.pick(UNITS);
  const [low, high] = random.pick([
    ['-1.5', '1'],
    ['1', '1.50'],
    ['5.35', '99.5'],
    ['100', '1500'],
  ] as const);
  const end = (text: string) => ({ value: rawNumber(text), unit: code, system: UCUM, code });
  return random.weighted<object>([
    [60, { low: end(low), high: end(high) }],
    [20, { low: end(low) }],
    [20, { high: end(high) }],
  ]);
}
