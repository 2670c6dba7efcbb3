import { axisParam } from './emit.ts';
import { FORM, type KeyHasher } from './keys.ts';
import type { ParameterSlot } from './plan.ts';
import type { Key } from './rows.ts';
import { selectsOne } from './slot.ts';
import { convertTest, type SpanTest } from './spanTest.ts';
import { UCUM_SYSTEM, type UnitConverter } from '../../fhir/units/units.ts';
import type { UnitKeys } from './values/quantity.ts';

/** A quantity that is asked for. */
export interface QuantityValue {
  test: SpanTest;
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
  /** In the rows' unit. */
  test: SpanTest;
  /** The resource must also have one of these keys. */
  alsoKeys?: Key[];
}

/** A test in the unit of certain rows; `derived`: of those in UCUM base units. */
export interface UnitTest {
  derived: boolean;
  unit?: Key;
  test: SpanTest;
}

type Slots = readonly ParameterSlot[];

export interface RangeQuery {
  params(slots: Slots): Key[];
  quantityTerms(slots: Slots, quantity: QuantityValue): QuantityTerm[];
  unitTest(quantity: QuantityValue): UnitTest;
  positionParams(slots: Slots): { latitude: Key[]; longitude: Key[] };
}

/** Looks numbers up on the slots of a parameter. */
export function rangeQuery(hasher: KeyHasher, units: UnitKeys, converter: UnitConverter): RangeQuery {
  function unitTest({ test, system, code }: QuantityValue): UnitTest {
    if (code === undefined) return { derived: false, test };
    if (system === undefined || system === '') return { derived: false, unit: units.code(code), test };
    const base = system === UCUM_SYSTEM ? canonicalTest(test, code) : undefined;
    return base ?? { derived: false, unit: units.systemCode(system, code), test };
  }

  function canonicalTest(test: SpanTest, code: string): UnitTest | undefined {
    const convert = (value: number) => converter.canonicalSpan({ lo: value, hi: value }, code);
    const converted = convert(test.lo);
    if (!converted) return undefined;
    // A value that the unit's scale does not have is nowhere on it.
    const scale = (value: number) => convert(value)?.lo ?? NaN;
    const found = convertTest(test, scale, scale(1) < scale(0));
    return { derived: true, unit: units.canonical(converted.unit), test: found };
  }

  function quantityTerms(slots: Slots, quantity: QuantityValue): QuantityTerm[] {
    const { derived, ...found } = unitTest(quantity);
    const paths = slots.map(({ slot }) => (derived ? slot.derivedPath : slot.path));
    const term = { params: paths.map((path) => path.key), ...found };
    const { code, system = '', test } = quantity;
    if (code === undefined || system !== '') return [term];
    // Without a system the unit may also be meant as it is printed; of a single quantity the rows do not have that.
    const single = slots.filter(({ slot }) => selectsOne(slot)).map(({ slot }) => slot.path);
    if (single.length === 0) return [term];
    const alsoKeys = single.map((path) => hasher.key(path, FORM.unit, code));
    return [term, { params: single.map((path) => path.key), test, alsoKeys }];
  }

  const axis = (slots: Slots, name: string) => slots.map(({ slot }) => axisParam(hasher, slot.text, name));
  return {
    params: (slots) => slots.map(({ slot }) => slot.path.key),
    quantityTerms,
    unitTest,
    positionParams: (slots) => ({ latitude: axis(slots, 'latitude'), longitude: axis(slots, 'longitude') }),
  };
}
