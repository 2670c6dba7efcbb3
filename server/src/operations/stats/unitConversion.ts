import { createRequire } from 'node:module';

export const UCUM_SYSTEM = 'http://unitsofmeasure.org';

/** Longest unit code that is looked up: the parser's time grows with it, and no real unit is longer. */
const UNIT_CODE_CHARS_MAX = 64;
/** UCUM codes are printable ASCII without blanks; for others, and for `()`, the package would write a log line. */
const UNIT_CODE = /^(?!.*\(\))[!-~]+$/;

interface UcumUtils {
  convertUnitTo(from: string, value: number, to: string): { status: string; toVal: number | null };
}
interface UcumPackage {
  UcumLhcUtils: { getInstance(): UcumUtils };
}

/** Whether a text is written as UCUM codes are. */
export function isUnitCode(code: string): boolean {
  return code.length <= UNIT_CODE_CHARS_MAX && UNIT_CODE.test(code);
}

/** Converts values by @lhncbc/ucum-lhc, which is loaded with the first one that needs it: it takes some 100 ms. */
export class UnitConversion {
  #utils: UcumUtils | undefined;

  /**
   * A value in another unit.
   *
   * @param from, to codes that {@link isUnitCode}
   * @returns undefined where they do not measure the same
   */
  convert(value: number, from: string, to: string): number | undefined {
    if (from === to) return value;
    const { status, toVal } = this.#loaded().convertUnitTo(from, value, to);
    return status === 'succeeded' && toVal !== null && Number.isFinite(toVal) ? toVal : undefined;
  }

  #loaded(): UcumUtils {
    const require = createRequire(import.meta.url);
    return (this.#utils ??= (require('@lhncbc/ucum-lhc') as UcumPackage).UcumLhcUtils.getInstance());
  }
}
