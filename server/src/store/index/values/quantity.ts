import { FORM, pair, type KeyHasher } from '../keys.ts';
import type { JsonObject } from '../../../fhir/resource.ts';
import type { Key } from '../rows.ts';
import { UCUM_SYSTEM, type UnitConverter } from '../../../fhir/units/units.ts';
import { asNumber, asObject, asText } from './json.ts';

/** Bounds of a number, both included; ±Infinity where open. A bound that does not belong to it is moved inwards (INSET). */
export interface NumberSpan {
  lo: number;
  hi: number;
}

/**
 * How far within an excluded bound (`<5`) a span ends, relative to it: more than converting a unit changes
 * (CONVERSION_TOLERANCE), less than any measurement tells.
 */
export const INSET = 4e-12;
/** The same for 0, which has no relative difference. */
const INSET_OF_ZERO = 1e-300;

export interface QuantitySpan extends NumberSpan {
  /** NO_UNIT where there is none. */
  unit: Key;
  /** True when lo and hi are in UCUM base units. */
  canonical: boolean;
  /** The unit as it is printed, where this is the span by it: it has a code as well, which differs. */
  printed?: string;
}

export type NumberReader = (value: unknown) => NumberSpan | undefined;
export type QuantityReader = (value: unknown) => QuantitySpan[];

/** The unit column of what has no unit. */
export const NO_UNIT: Key = 0n;
const CURRENCY_SYSTEM = 'urn:iso:std:iso:4217';

/** How a number parameter reads elements of a type. Values are taken as exact: precision is the query's. */
export function numberReader(type: string): NumberReader | undefined {
  switch (type) {
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
    case 'decimal':
      return (value) => {
        const number = asNumber(value);
        return number === undefined ? undefined : { lo: number, hi: number };
      };
    case 'Range':
      return (value) => {
        const low = asNumber(asObject(asObject(value)?.['low'])?.['value']);
        const high = asNumber(asObject(asObject(value)?.['high'])?.['value']);
        if (low === undefined && high === undefined) return undefined;
        return { lo: low ?? -Infinity, hi: high ?? Infinity };
      };
    default:
      return undefined;
  }
}

/** Keys of units. A row has the key of the code alone, so that it is found with and without the system. */
export interface UnitKeys {
  code(code: string): Key;
  systemCode(system: string, code: string): Key;
  /** Of UCUM base units, e.g. `g1.m-3`. */
  canonical(unit: string): Key;
}

export function createUnitKeys(hasher: KeyHasher): UnitKeys {
  const path = hasher.pathKey('unit');
  const canonicalPath = hasher.pathKey('unit#canonical');
  return {
    code: (code) => hasher.key(path, FORM.unit, code),
    systemCode: (system, code) => hasher.key(path, FORM.systemCode, pair(system, code)),
    canonical: (unit) => hasher.key(canonicalPath, FORM.unit, unit),
  };
}

/** What a quantity parameter reads, by type (http://hl7.org/fhir/R4/search.html#quantity). */
const MEASURES: Record<string, (value: unknown) => Measure | undefined> = {
  Quantity: (value) => quantity(asObject(value)),
  Age: (value) => quantity(asObject(value)),
  Count: (value) => quantity(asObject(value)),
  Distance: (value) => quantity(asObject(value)),
  Duration: (value) => quantity(asObject(value)),
  SampledData: (value) => quantity(asObject(asObject(value)?.['origin'])),
  Money: (value) => money(asObject(value)),
};

export function isQuantityType(type: string): boolean {
  return type === 'Range' || type in MEASURES;
}

/** How a quantity parameter reads elements of a type; undefined for types that are no quantity. */
export function quantityReader(
  type: string,
  units: UnitKeys,
  converter: UnitConverter,
): QuantityReader | undefined {
  if (type === 'Range') return (value) => rangeSpans(asObject(value), units, converter);
  const measure = MEASURES[type];
  return measure && ((value) => spans(measure(value), units, converter));
}

interface Measure extends NumberSpan {
  system: string | undefined;
  /** The unit's code; its printed form where it has none. */
  code: string | undefined;
  /** The printed form beside a code that differs. */
  printed?: string;
}

function quantity(object: JsonObject | undefined): Measure | undefined {
  const value = asNumber(object?.['value']);
  if (!object || value === undefined) return undefined;
  const comparator = asText(object['comparator']);
  const inset = Math.abs(value) * INSET || INSET_OF_ZERO;
  const [code, unit] = [asText(object['code']), asText(object['unit'])];
  const measure: Measure = {
    lo: comparator === '<' || comparator === '<=' ? -Infinity : comparator === '>' ? value + inset : value,
    hi: comparator === '>' || comparator === '>=' ? Infinity : comparator === '<' ? value - inset : value,
    system: code === undefined ? undefined : asText(object['system']),
    code: code ?? unit,
  };
  if (code !== undefined && unit !== undefined && unit !== code) measure.printed = unit;
  return measure;
}

function money(object: JsonObject | undefined): Measure | undefined {
  const value = asNumber(object?.['value']);
  if (value === undefined) return undefined;
  return { lo: value, hi: value, system: CURRENCY_SYSTEM, code: asText(object?.['currency']) };
}

function spans(measure: Measure | undefined, units: UnitKeys, converter: UnitConverter): QuantitySpan[] {
  if (!measure) return [];
  const { lo, hi, system, code, printed } = measure;
  if (code === undefined) return [{ lo, hi, unit: NO_UNIT, canonical: false }];
  const found: QuantitySpan[] = [{ lo, hi, unit: units.code(code), canonical: false }];
  const base = system === UCUM_SYSTEM ? converter.canonicalSpan(measure, code) : undefined;
  if (base) found.push({ lo: base.lo, hi: base.hi, unit: units.canonical(base.unit), canonical: true });
  else if (system !== undefined)
    found.push({ lo, hi, unit: units.systemCode(system, code), canonical: false });
  if (printed !== undefined) found.push({ lo, hi, unit: units.code(printed), canonical: false, printed });
  return found;
}

/** Ends of different units are only comparable in base units. */
function rangeSpans(
  range: JsonObject | undefined,
  units: UnitKeys,
  converter: UnitConverter,
): QuantitySpan[] {
  const low = quantity(asObject(range?.['low']));
  const high = quantity(asObject(range?.['high']));
  const unit = low ?? high;
  if (!unit) return [];
  const whole = { ...unit, lo: low?.lo ?? -Infinity, hi: high?.hi ?? Infinity };
  if (!low || !high || (low.code === high.code && low.system === high.system)) {
    return spans(whole, units, converter);
  }
  const [from, to] = [low, high].map((end) => spans(end, units, converter).find((span) => span.canonical));
  return from && to && from.unit === to.unit ? [{ ...from, hi: to.hi }] : [];
}
