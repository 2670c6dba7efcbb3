import { describe, expect, test } from '@jest/globals';
import { decimal } from '../../lib/money/decimal.ts';
import { amountFrom, moneyOf, multiple, plus, textOf, times } from '../../lib/money/money.ts';
import { priced, totalOf } from '../../lib/prices/components.ts';

describe('money', () => {
  test('is exact, in the units of its currency', () => {
    expect(moneyOf(plus(amountFrom(0.1, 'USD'), amountFrom(0.2, 'USD')))).toEqual({
      value: 0.3,
      currency: 'USD',
    });
    expect(textOf(amountFrom('1234', 'JPY'))).toBe('1234');
    expect(textOf(amountFrom(-0.005, 'KWD'))).toBe('-0.005');
    expect(() => amountFrom(0.001, 'USD')).toThrow('finer');
    expect(() => plus(amountFrom(1, 'USD'), amountFrom(1, 'EUR'))).toThrow('one currency');
    expect(() => amountFrom(1e16, 'USD')).toThrow('too large');
  });

  test('is rounded once, halves away from zero', () => {
    expect(textOf(multiple({ value: 0.335, currency: 'USD' }, decimal(3)))).toBe('1.01');
    expect(textOf(times(amountFrom(-0.01, 'USD'), decimal(0.5)))).toBe('-0.01');
  });

  test('of a price: factors of the base, taxes of all that is no tax', () => {
    const parts = priced(
      [
        { type: 'base', amount: { value: 10, currency: 'USD' } },
        { type: 'discount', factor: 0.1 },
        { type: 'tax', factor: 0.077 },
        { type: 'informational', amount: { value: 99, currency: 'USD' } },
      ],
      decimal(2),
    );
    expect(parts.map(({ amount }) => textOf(amount))).toEqual(['20.00', '-2.00', '1.39', '198.00']);
    expect(textOf(totalOf(parts, 'USD'))).toBe('19.39');
  });
});
