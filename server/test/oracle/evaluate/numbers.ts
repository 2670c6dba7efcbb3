import { splitPrefix, type Comparison } from './comparison.ts';
import { absolute, add, decimal, multiply, negate, type Decimal } from './decimal.ts';
import type { Typed } from './paths.ts';
import { excluding, HIGHEST, including, LOWEST, point, type Span } from './span.ts';
import { object } from './world.ts';

const TENTH = decimal('0.1');
const HALF: Decimal = { digits: 5n, exponent: -1 };

/** The number that an element holds, or the range of numbers. */
export function numberSpan({ type, value }: Typed): Span | undefined {
  if (type === 'Range') {
    const end = (name: string) => object(object(value)?.[name])?.value;
    const [low, high] = [end('low'), end('high')];
    if (low === undefined && high === undefined) return undefined;
    return {
      low: low === undefined ? LOWEST : including(exactly(low)),
      high: high === undefined ? HIGHEST : including(exactly(high)),
    };
  }
  return typeof value === 'number' ? point(exactly(value)) : undefined;
}

export const exactly = (value: unknown): Decimal => decimal(String(value));

/** `[prefix]number` (search.html#number). */
export function numberComparison(written: string): Comparison {
  const [prefix, text] = splitPrefix(written);
  return comparisonOf(prefix, decimal(text), halfOfLastDigit(text));
}

function comparisonOf(prefix: string, value: Decimal, half: Decimal): Comparison {
  const around = multiply(absolute(value), TENTH);
  return {
    prefix,
    range: { low: including(add(value, negate(half))), high: excluding(add(value, half)) },
    above: excluding(value),
    below: excluding(value),
    atOrAbove: including(value),
    atOrBelow: including(value),
    equal: point(value),
    near: { low: including(add(value, negate(around))), high: including(add(value, around)) },
  };
}

/** 100 is [99.5, 100.5); R4's table says that 1e2 is [95, 105), so a lone digit with an exponent stands for 1.0e2. */
function halfOfLastDigit(text: string): Decimal {
  const { exponent } = decimal(text);
  const isLoneDigit = /^-?\de/i.test(text);
  return multiply(HALF, { digits: 1n, exponent: exponent - (isLoneDigit ? 1 : 0) });
}
