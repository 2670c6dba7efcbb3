import type {
  ChargeItem,
  CodeableConcept,
  Extension,
  InvoiceLineItemPriceComponent,
} from '@medplum/fhirtypes';
import { decimal, type Decimal } from '../money/decimal.ts';
import {
  amountOf,
  moneyOf,
  multiple,
  negative,
  plus,
  size,
  sum,
  times,
  type Amount,
} from '../money/money.ts';

/** What R5 has as ChargeItem.totalPriceComponent, in the form that R4 knows it by. */
export const PRICE_EXTENSION =
  'http://hl7.org/fhir/5.0/StructureDefinition/extension-ChargeItem.totalPriceComponent';

/** A part of a price; discounts and deductions are negative. */
export interface PriceComponent {
  type: InvoiceLineItemPriceComponent['type'];
  code?: CodeableConcept;
  factor?: number;
  amount: Amount;
}

/** A price list that cannot be meant. */
export class PriceFault extends Error {}

const REDUCING = new Set(['deduction', 'discount']);

/**
 * The parts of a price for a quantity. Amounts of the list are for one unit, and may be finer than cents. Factors apply to the base; those of taxes to
 * all that is not tax. Each part is rounded by itself, to the currency's smallest unit.
 *
 * @throws PriceFault where there is not exactly one base, or a part has neither amount nor factor
 */
export function priced(parts: readonly InvoiceLineItemPriceComponent[], quantity: Decimal): PriceComponent[] {
  const bases = parts.filter(({ type }) => type === 'base');
  const [base] = bases;
  if (base?.amount === undefined || bases.length > 1)
    throw new PriceFault('needs exactly one price component of type base, with an amount');
  const baseAmount = multiple(base.amount, quantity);
  const componentOf = (part: InvoiceLineItemPriceComponent, basis: Amount): PriceComponent => {
    const amount = size(part.amount ? multiple(part.amount, quantity) : share(part, basis));
    return {
      type: part.type,
      ...(part.code && { code: part.code }),
      ...(part.amount === undefined && { factor: part.factor! }),
      amount: REDUCING.has(part.type) ? negative(amount) : amount,
    };
  };
  const before = parts
    .filter(({ type }) => type !== 'tax' && type !== 'informational')
    .map((part) => componentOf(part, baseAmount));
  const net = sum(
    before.map(({ amount }) => amount),
    baseAmount.currency,
  );
  if (net.minor < 0n) throw new PriceFault('has discounts that are larger than the price');
  const others = parts.filter(({ type }) => type === 'tax' || type === 'informational');
  return [...before, ...others.map((part) => componentOf(part, part.type === 'tax' ? net : baseAmount))];
}

function share({ type, factor }: InvoiceLineItemPriceComponent, basis: Amount): Amount {
  if (factor === undefined) throw new PriceFault(`has a ${type} with neither amount nor factor`);
  return times(basis, decimal(factor));
}

/** What is to be paid: all parts that are not for information only. */
export function totalOf(components: readonly PriceComponent[], currency: string): Amount {
  return components
    .filter(({ type }) => type !== 'informational')
    .reduce((total, { amount }) => plus(total, amount), { currency, minor: 0n });
}

export function invoiceComponent({
  type,
  code,
  factor,
  amount,
}: PriceComponent): InvoiceLineItemPriceComponent {
  return { type, ...(code && { code }), ...(factor !== undefined && { factor }), amount: moneyOf(amount) };
}

/** The price as it was when it was charged, to stand in the ChargeItem: later changes of the list do not change it. */
export function priceExtensions(components: readonly PriceComponent[]): Extension[] {
  return components.map(({ type, code, factor, amount }) => ({
    url: PRICE_EXTENSION,
    extension: [
      { url: 'type', valueCode: type },
      ...(code ? [{ url: 'code', valueCodeableConcept: code }] : []),
      ...(factor === undefined ? [] : [{ url: 'factor', valueDecimal: factor }]),
      { url: 'amount', valueMoney: moneyOf(amount) },
    ],
  }));
}

/**
 * The price of a ChargeItem: what somebody has put in place of the list's (priceOverride), else what it was charged with.
 * Undefined where it has none.
 */
export function chargedPrice({ priceOverride, extension = [] }: ChargeItem): PriceComponent[] | undefined {
  if (priceOverride) return [{ type: 'base', amount: amountOf(priceOverride) }];
  const components = extension
    .filter(({ url }) => url === PRICE_EXTENSION)
    .map(({ extension: parts = [] }) => {
      const part = (name: string): Extension | undefined => parts.find(({ url }) => url === name);
      const code = part('code')?.valueCodeableConcept;
      const factor = part('factor')?.valueDecimal;
      return {
        type: part('type')?.valueCode as PriceComponent['type'],
        ...(code && { code }),
        ...(factor !== undefined && { factor }),
        amount: amountOf(part('amount')?.valueMoney ?? {}),
      };
    });
  return components.length === 0 ? undefined : components;
}
