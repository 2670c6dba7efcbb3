import type { Money } from '@medplum/fhirtypes';
import { decimalPlaces } from './currencies.ts';
import { decimal, product, rounded, type Decimal } from './decimal.ts';

/** An amount of money in whole minor units of its currency (cents of USD), so that sums are exact. */
export interface Amount {
  currency: string;
  minor: bigint;
}

/** Largest amount, in minor units: what a JSON number holds to the last digit. */
const MINOR_MAX = 10n ** 15n - 1n;
const CURRENCY = /^[A-Z]{3}$/;

/** An amount that cannot be meant. */
export class MoneyFault extends Error {}

/** @throws MoneyFault where value or currency is missing, or digits are finer than the currency's smallest unit */
export function amountOf({ value, currency }: Money): Amount {
  if (value === undefined || currency === undefined)
    throw new MoneyFault('An amount of money needs a value and a currency.');
  return amountFrom(value, currency);
}

/** @param value decimal number in the currency's main unit, e.g. `84.50` of USD */
export function amountFrom(value: number | string, currency: string): Amount {
  if (!CURRENCY.test(currency)) throw new MoneyFault(`${currency} is no currency code of ISO 4217.`);
  const exact = decimal(value);
  const minor = rounded(exact, decimalPlaces(currency));
  const isExact =
    minor * 10n ** BigInt(exact.scale) === exact.digits * 10n ** BigInt(decimalPlaces(currency));
  if (!isExact) throw new MoneyFault(`${value} ${currency} is finer than the smallest unit of ${currency}.`);
  return checked({ currency, minor });
}

/** A multiple of a price that may be finer than the smallest unit, rounded to it once, halves away from zero. */
export function multiple({ value, currency }: Money, quantity: Decimal): Amount {
  if (value === undefined || !CURRENCY.test(currency ?? ''))
    throw new MoneyFault('A price needs a value and a currency of ISO 4217.');
  const minor = rounded(product(decimal(value), quantity), decimalPlaces(currency!));
  return checked({ currency: currency!, minor });
}

export const zero = (currency: string): Amount => ({ currency, minor: 0n });

/** @throws MoneyFault where currencies differ */
export function plus(a: Amount, b: Amount): Amount {
  if (a.currency !== b.currency)
    throw new MoneyFault(`${a.currency} and ${b.currency} cannot be added: a bill has one currency.`);
  return checked({ currency: a.currency, minor: a.minor + b.minor });
}

export const negative = ({ currency, minor }: Amount): Amount => ({ currency, minor: -minor });
export const minus = (a: Amount, b: Amount): Amount => plus(a, negative(b));
export const sum = (amounts: readonly Amount[], currency: string): Amount =>
  amounts.reduce(plus, zero(currency));

/** The amount without its sign. */
export const size = (amount: Amount): Amount => (amount.minor < 0n ? negative(amount) : amount);

/** A multiple, rounded to the smallest unit, halves away from zero. @param factors quantities, rates */
export function times({ currency, minor }: Amount, ...factors: Decimal[]): Amount {
  const exact = factors.reduce(product, { digits: minor, scale: 0 });
  return checked({ currency, minor: rounded(exact, 0) });
}

/** With all decimal places of the currency: `84.50`. */
export function textOf({ currency, minor }: Amount): string {
  const places = decimalPlaces(currency);
  const digits = String(minor < 0n ? -minor : minor).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = places === 0 ? '' : `.${digits.slice(-places)}`;
  return `${minor < 0n ? '-' : ''}${whole}${fraction}`;
}

/** As FHIR has it. */
export function moneyOf(amount: Amount): { value: number; currency: Money['currency'] & string } {
  return { value: Number(textOf(amount)), currency: amount.currency as Money['currency'] & string };
}

function checked(amount: Amount): Amount {
  if (absolute(amount.minor) > MINOR_MAX)
    throw new MoneyFault('An amount of money is too large to be exact.');
  return amount;
}

const absolute = (minor: bigint): bigint => (minor < 0n ? -minor : minor);
