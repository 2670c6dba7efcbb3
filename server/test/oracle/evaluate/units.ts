import { add, decimal, multiply, type Decimal } from './decimal.ts';
import type { End } from './span.ts';

export const UCUM = 'http://unitsofmeasure.org';

/** How a unit comes to the base unit of its dimension: `value * factor + offset`. */
export interface Conversion {
  dimension: string;
  factor: Decimal;
  offset: Decimal;
}

/**
 * The units of the random data, by hand from http://unitsofmeasure.org/ucum.html, in its base units (gram, metre, second,
 * kelvin; a mole is a number). International units are a dimension of their own.
 */
const UNITS: Record<string, [dimension: string, factor: string, offset?: string]> = {
  ug: ['mass', '1e-6'],
  mg: ['mass', '1e-3'],
  g: ['mass', '1'],
  kg: ['mass', '1e3'],
  'umol/L': ['substance concentration', '6.0221367e20'],
  'mmol/L': ['substance concentration', '6.0221367e23'],
  'mol/L': ['substance concentration', '6.0221367e26'],
  kPa: ['pressure', '1e6'],
  'mm[Hg]': ['pressure', '133322'],
  Cel: ['temperature', '1', '273.15'],
  K: ['temperature', '1'],
  cm: ['length', '1e-2'],
  m: ['length', '1'],
  km: ['length', '1e3'],
  '%': ['number', '1e-2'],
  '1': ['number', '1'],
  '/min': ['frequency', '0.0166666666666666667'],
  min: ['time', '60'],
  h: ['time', '3600'],
  d: ['time', '86400'],
  wk: ['time', '604800'],
  mo: ['time', '2629800'],
  a: ['time', '31557600'],
  '[iU]': ['international units', '1'],
  '[IU]': ['international units', '1'],
  'k[IU]': ['international units', '1e3'],
};

/** Undefined for what is no unit of UCUM. */
export function toBase(system: string | undefined, code: string | undefined): Conversion | undefined {
  const [dimension, factor, offset] = (system === UCUM && UNITS[code ?? '']) || [];
  if (dimension === undefined || factor === undefined) return undefined;
  return { dimension, factor: decimal(factor), offset: decimal(offset ?? '0') };
}

export function convertEnd({ at, included }: End, { factor, offset }: Conversion): End {
  return { at: at === 'lowest' || at === 'highest' ? at : add(multiply(at, factor), offset), included };
}
