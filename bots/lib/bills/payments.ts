import type { MedplumClient } from '@medplum/core';
import type { Invoice, PaymentReconciliation } from '@medplum/fhirtypes';
import { amountOf, plus, zero, type Amount } from '../money/money.ts';
import { byIdentifier, identifierValue } from './identifiers.ts';
import { idOf } from './references.ts';

/** Most payments of a bill. */
const PAYMENTS_MAX = 200;

export type StoredPayment = PaymentReconciliation & { id: string };

/** What was paid of an invoice by the patient; payments that are begun, or were taken back, are `draft` or `cancelled`. */
export async function paymentsOf(
  medplum: MedplumClient,
  invoice: Invoice & { id: string },
): Promise<StoredPayment[]> {
  const number = identifierValue(invoice, 'bill');
  if (number === undefined) return [];
  const found = await medplum.searchResources(
    'PaymentReconciliation',
    `${byIdentifier('bill', number)}&_sort=_id&_count=${PAYMENTS_MAX}`,
  );
  return found.filter(({ detail = [] }) =>
    detail.some(({ request }) => idOf(request, 'Invoice') === invoice.id),
  );
}

/** Payments less refunds. */
export function paidAmount(payments: readonly PaymentReconciliation[], currency: string): Amount {
  return payments
    .filter(({ status }) => status === 'active')
    .reduce((total, { paymentAmount }) => plus(total, amountOf(paymentAmount)), zero(currency));
}

/** What an invoice's state is once so much of it was paid. */
export function stateWhenPaid(invoice: Pick<Invoice, 'totalGross'>, paid: Amount): 'issued' | 'balanced' {
  const owed = amountOf(invoice.totalGross!);
  return paid.minor >= owed.minor ? 'balanced' : 'issued';
}
