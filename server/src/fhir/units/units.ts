import { createRequire } from 'node:module';
import { STAND_IN, standIn } from './arbitraryUnits.ts';
import { createMemo } from './memo.ts';

export const UCUM_SYSTEM = 'http://unitsofmeasure.org';

/** Unit codes whose conversion is remembered in one process. */
export const UNIT_MEMO_MAX = 4_096;

/** Values of special units whose conversion is remembered: temperatures repeat, and each conversion parses the unit anew. */
export const SPECIAL_MEMO_MAX = 8_192;

/** Longest unit code that is looked up: the parser's time grows with it, and no real unit is longer. */
export const UNIT_CODE_CHARS_MAX = 64;

/** UCUM codes are printable ASCII without blanks; for others, and for `()`, the package would write a log line. */
const UNIT_CODE = /^(?!.*\(\))[!-~]+$/;

/** Bounds in UCUM base units. */
export interface CanonicalSpan {
  lo: number;
  hi: number;
  /** Base units with exponents in a fixed order, e.g. `g1.m-1.s-2`; `1` for a plain number. An arbitrary unit is a base unit of its own. */
  unit: string;
}

export interface UnitConverter {
  /** Undefined for codes that are not UCUM, and for those with several arbitrary units. */
  canonicalSpan(span: { lo: number; hi: number }, code: string): CanonicalSpan | undefined;
}

interface BaseUnits {
  status: string;
  magnitude?: number | null;
  unitToExp?: Record<string, number>;
  fromUnitIsSpecial?: boolean;
}
interface UcumUtils {
  convertToBaseUnits(code: string, value: number): BaseUnits;
}
interface UcumPackage {
  UcumLhcUtils: { getInstance(): UcumUtils };
}

type Conversion = { unit: string; factor: number | undefined } | 'none';

/** Converts by @lhncbc/ucum-lhc, which is loaded when the first unit is met: it takes some 100 ms. */
export function createUnitConverter(): UnitConverter {
  const conversions = createMemo<Conversion>(UNIT_MEMO_MAX);
  const specials = createMemo<number>(SPECIAL_MEMO_MAX);
  let utils: UcumUtils | undefined;

  function load(): UcumUtils {
    const require = createRequire(import.meta.url);
    return (require('@lhncbc/ucum-lhc') as UcumPackage).UcumLhcUtils.getInstance();
  }

  function conversion(code: string): Conversion {
    if (code.length > UNIT_CODE_CHARS_MAX || !UNIT_CODE.test(code)) return 'none';
    const arbitrary = standIn(code);
    const result = (utils ??= load()).convertToBaseUnits(arbitrary?.code ?? code, 1);
    if (result.status !== 'succeeded' || !Number.isFinite(result.magnitude)) return 'none';
    const unit = unitText(result.unitToExp ?? {}, arbitrary?.unit);
    return { unit, factor: result.fromUnitIsSpecial ? undefined : result.magnitude! };
  }

  function canonicalSpan({ lo, hi }: { lo: number; hi: number }, code: string): CanonicalSpan | undefined {
    let found = conversions.get(code);
    if (found === undefined) conversions.set(code, (found = conversion(code)));
    if (found === 'none') return undefined;
    const { unit, factor } = found;
    if (factor !== undefined) return { lo: lo * factor, hi: hi * factor, unit };
    const from = special(lo, code);
    const to = hi === lo ? from : special(hi, code);
    if (Number.isNaN(from) || Number.isNaN(to)) return undefined;
    return { lo: Math.min(from, to), hi: Math.max(from, to), unit };
  }

  /** Special units (degrees Celsius, pH) are no multiple of their base: each value goes through their function. */
  function special(value: number, code: string): number {
    const convert = (finite: number): number => {
      const name = `${finite} ${code}`;
      let converted = specials.get(name);
      if (converted === undefined) {
        converted = (utils ??= load()).convertToBaseUnits(code, finite).magnitude ?? NaN;
        specials.set(name, converted);
      }
      return converted;
    };
    if (Number.isFinite(value)) return convert(value);
    // On a falling scale (pH) what is open above is open below in base units.
    return convert(1) < convert(0) ? -value : value;
  }

  return { canonicalSpan };
}

/** @param arbitrary the unit that something else stands in for */
function unitText(exponents: Record<string, number>, arbitrary: string | undefined): string {
  const names = Object.keys(exponents).sort();
  const written = (name: string) => (name === STAND_IN && arbitrary !== undefined ? arbitrary : name);
  return names.length === 0 ? '1' : names.map((name) => written(name) + exponents[name]).join('.');
}
