import { axisParam } from './emit.ts';
import { FORM, type KeyHasher } from './keys.ts';
import type { ParameterSlot } from './plan.ts';
import type { Key } from './rows.ts';
import { UCUM_SYSTEM, type UnitConverter } from './units.ts';
import type { UnitKeys } from './values/quantity.ts';

/** A quantity that is asked for: the bounds of its number, by its prefix and precision. */
export interface QuantityValue {
  lo: number;
  hi: number;
  /** Absent or empty: any system. */
  system?: string;
  /** Absent: any unit. */
  code?: string;
}

/** Range rows to compare with. */
export interface QuantityTerm {
  /** Any of them. */
  params: Key[];
  /** Absent: any unit. */
  unit?: Key;
  /** The bounds in the rows' unit. */
  lo: number;
  hi: number;
  /** The resource must also have one of these keys. */
  alsoKeys?: Key[];
}

/** Bounds in the unit of certain rows; `derived`: of those in UCUM base units. */
export interface UnitBounds {
  derived: boolean;
  unit?: Key;
  lo: number;
  hi: number;
}

type Slots = readonly ParameterSlot[];

export interface RangeQuery {
  params(slots: Slots): Key[];
  quantityTerms(slots: Slots, quantity: QuantityValue): QuantityTerm[];
  unitBounds(quantity: QuantityValue): UnitBounds;
  positionParams(slots: Slots): { latitude: Key[]; longitude: Key[] };
}

/** Looks numbers up on the slots of a parameter. */
export function rangeQuery(hasher: KeyHasher, units: UnitKeys, converter: UnitConverter): RangeQuery {
  function unitBounds({ lo, hi, system, code }: QuantityValue): UnitBounds {
    if (code === undefined) return { derived: false, lo, hi };
    if (system === undefined || system === '') return { derived: false, unit: units.code(code), lo, hi };
    const base = system === UCUM_SYSTEM ? canonicalBounds(lo, hi, code) : undefined;
    return base ?? { derived: false, unit: units.systemCode(system, code), lo, hi };
  }

  function canonicalBounds(lo: number, hi: number, code: string): UnitBounds | undefined {
    const bounds = converter.canonicalSpan({ lo, hi }, code);
    return bounds && { derived: true, unit: units.canonical(bounds.unit), lo: bounds.lo, hi: bounds.hi };
  }

  function quantityTerms(slots: Slots, quantity: QuantityValue): QuantityTerm[] {
    const { derived, ...bounds } = unitBounds(quantity);
    const paths = slots.map(({ slot }) => (derived ? slot.derivedPath : slot.path));
    const term = { params: paths.map((path) => path.key), ...bounds };
    const { code, system = '', lo, hi } = quantity;
    if (code === undefined || system !== '') return [term];
    // Without a system the unit may also be meant as it is printed, which the rows do not have.
    const alsoKeys = paths.map((path) => hasher.key(path, FORM.unit, code));
    return [term, { params: term.params, lo, hi, alsoKeys }];
  }

  const axis = (slots: Slots, name: string) => slots.map(({ slot }) => axisParam(hasher, slot.text, name));
  return {
    params: (slots) => slots.map(({ slot }) => slot.path.key),
    quantityTerms,
    unitBounds,
    positionParams: (slots) => ({ latitude: axis(slots, 'latitude'), longitude: axis(slots, 'longitude') }),
  };
}
