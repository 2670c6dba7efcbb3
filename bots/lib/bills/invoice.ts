import type {
  Account,
  ChargeItem,
  Encounter,
  Invoice,
  InvoiceLineItem,
  InvoiceLineItemPriceComponent,
  Organization,
  Patient,
  Reference,
} from '@medplum/fhirtypes';
import { amountOf, moneyOf, sum, type Amount } from '../money/money.ts';
import { chargedPrice, invoiceComponent, type PriceComponent } from '../prices/components.ts';
import { derivedNumber, identifier, identifierValue } from './identifiers.ts';
import { isSettlement } from './settlementCodes.ts';

/** A ChargeItem with its price, to be billed. */
export interface BillableItem {
  item: ChargeItem & { id: string };
  components: PriceComponent[];
  currency: string;
}

export interface InvoiceFrame {
  patient: Reference<Patient>;
  account: Reference<Account>;
  issuer?: Reference<Organization>;
}

/** What can be billed of ChargeItems: those that are `billable` and have a price of one currency. */
export function billable(items: readonly (ChargeItem & { id: string })[]): BillableItem[] {
  return items.flatMap((item) => {
    const components = item.status === 'billable' ? chargedPrice(item) : undefined;
    const currency = components?.[0]?.amount.currency;
    if (!components || currency === undefined) return [];
    return [{ item, components, currency }];
  });
}

/** Number of the bill of these items: whoever bills the same ones makes the same bill. */
export function billNumber(items: readonly BillableItem[]): string {
  return derivedNumber(...items.map(({ item }) => identifierValue(item, 'charge') ?? item.id).sort());
}

/** A bill that nobody has been told of yet. @param items in one currency */
export function draftInvoice(
  items: readonly BillableItem[],
  { patient, account, issuer }: InvoiceFrame,
): Invoice {
  const number = billNumber(items);
  return {
    resourceType: 'Invoice',
    identifier: [identifier('invoice', number), identifier('bill', number)],
    status: 'draft',
    subject: patient,
    recipient: patient,
    ...(issuer && { issuer }),
    account,
    ...withLines(
      items.map(({ item, components }, index) => ({
        sequence: index + 1,
        chargeItemReference: { reference: `ChargeItem/${item.id}` },
        priceComponent: components.map(invoiceComponent),
      })),
    ),
  };
}

type Lines = Required<Pick<Invoice, 'lineItem' | 'totalPriceComponent' | 'totalNet' | 'totalGross'>>;

/** Lines with the totals that follow from them: net of taxes and gross are what is owed after deductions. */
export function withLines(lineItem: InvoiceLineItem[]): Lines {
  const components = lineItem.flatMap(({ priceComponent = [] }) => priceComponent);
  const currency = components[0]!.amount!.currency!;
  const totalOf = (parts: readonly InvoiceLineItemPriceComponent[]): Amount =>
    sum(
      parts.map(({ amount }) => amountOf(amount!)),
      currency,
    );
  const counted = components.filter(({ type }) => type !== 'informational');
  const types = [...new Set(counted.map(({ type }) => type))];
  return {
    lineItem,
    totalPriceComponent: types.map((type) => ({
      type,
      amount: moneyOf(totalOf(counted.filter((part) => part.type === type))),
    })),
    totalNet: moneyOf(totalOf(counted.filter(({ type }) => type !== 'tax'))),
    totalGross: moneyOf(totalOf(counted)),
  };
}

/** What a line costs before anybody has paid of it. */
export function linePrice({ priceComponent = [] }: InvoiceLineItem): Amount {
  const parts = priceComponent.filter((part) => part.type !== 'informational' && !isSettlement(part));
  return sum(
    parts.map(({ amount }) => amountOf(amount!)),
    parts[0]!.amount!.currency!,
  );
}

/** The visits that ChargeItems are of. */
export function visitsOf(items: readonly ChargeItem[]): Reference<Encounter>[] {
  const references = items.flatMap(({ context }) => context?.reference ?? []);
  return [...new Set(references)]
    .filter((reference) => reference.startsWith('Encounter/'))
    .map((reference) => ({ reference }));
}
