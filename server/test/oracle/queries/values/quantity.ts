import { UCUM } from '../../data/quantities.ts';
import type { Random } from '../../data/random.ts';
import type { Typed } from '../../evaluate/paths.ts';
import { object, text } from '../../evaluate/world.ts';
import { escape } from '../source.ts';
import { digits } from './number.ts';
import { prefix } from './prefix.ts';

/** Powers of ten of the units of mass, and of amounts in a litre. */
const SCALES: readonly Readonly<Record<string, number>>[] = [
  { ug: -6, mg: -3, g: 0, kg: 3 },
  { 'umol/L': -6, 'mmol/L': -3, 'mol/L': 0 },
  { cm: -2, m: 0, km: 3 },
];

/** A quantity with a prefix, from a value that a resource has: bare, in its unit, in another one, or by the printed unit. */
export function quantityText(random: Random, { value }: Typed): string {
  const json = object(value);
  const quantities = [json?.low, json?.high, json?.origin, json].filter((one) => object(one) !== undefined);
  const quantity = object(random.pick([...quantities, {}]));
  const number = digits(random, [quantity?.value]);
  const system =
    text(quantity?.system) ?? (text(quantity?.currency) === undefined ? UCUM : 'urn:iso:std:iso:4217');
  const code = text(quantity?.code) ?? text(quantity?.currency) ?? 'mg';
  const unit = text(quantity?.unit) ?? 'mg';
  const written = random.weighted<() => string>([
    [25, () => number],
    [5, () => `${number}||`],
    [35, () => `${number}|${escape(system)}|${escape(code)}`],
    [20, () => converted(random, number, code)],
    [10, () => `${number}||${escape(code)}`],
    [10, () => `${number}||${escape(unit)}`],
  ]);
  return prefix(random) + written();
}

/** The same in a unit that is some powers of ten away. */
function converted(random: Random, number: string, code: string): string {
  const scale = SCALES.find((units) => code in units);
  if (!scale) return `${number}|${UCUM}|${escape(code)}`;
  const other = random.pick(Object.keys(scale));
  const [mantissa, exponent = '0'] = number.split('e');
  const shift = Number(exponent) + scale[code]! - scale[other]!;
  return `${shift === 0 ? mantissa : `${mantissa}e${shift}`}|${UCUM}|${other}`;
}
