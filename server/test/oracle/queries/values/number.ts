import { DECIMALS } from '../../data/pools.ts';
import type { Random } from '../../data/random.ts';
import type { Typed } from '../../evaluate/paths.ts';
import { object } from '../../evaluate/world.ts';
import { prefix } from './prefix.ts';

/** A number with a prefix, from a value that a resource has. */
export function numberText(random: Random, { value }: Typed): string {
  const json = object(value);
  const numbers = json ? [object(json.low)?.value, object(json.high)?.value] : [value];
  return prefix(random) + digits(random, numbers);
}

/** One of the numbers, written with more or fewer digits, or with an exponent. */
export function digits(random: Random, numbers: readonly unknown[]): string {
  const known = numbers.filter((one) => typeof one === 'number');
  const number = random.pick([...known, ...known, ...known, Number(random.pick(DECIMALS))]);
  return random
    .weighted([
      [50, String(number)],
      [10, number.toFixed(1)],
      [10, number.toFixed(2)],
      [8, number.toFixed(0)],
      [10, number.toExponential().replace('+', '')],
      [5, number.toExponential(1)],
      [5, random.pick(DECIMALS)],
    ])
    .replace(/^-(0(?:\.0+)?)$/, '$1');
}
