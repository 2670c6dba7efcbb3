import type { MedplumClient } from '@medplum/core';
import type { BundleEntry, Invoice, PaymentNotice } from '@medplum/fhirtypes';
import { amountOf, minus, moneyOf, plus, textOf, type Amount } from '../money/money.ts';
import { byIdentifier, identifier, identifierValue } from './identifiers.ts';
import { paidAmount, paymentsOf, stateWhenPaid, type StoredPayment } from './payments.ts';
import { idOf, refer } from './references.ts';
import { askStaff } from './staffTask.ts';

const PAID = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/paymentstatus', code: 'paid', display: 'Paid' }],
};

/** A payment (or a refund: less than nothing) that the gateway says has been made. */
export interface Made {
  amount: Amount;
  /** Day of it, `YYYY-MM-DD`. */
  date: string;
  /** What becomes of an invoice of which everything was paid back. */
  cancelsInvoice?: boolean;
}

/**
 * Notes that a payment which was begun has been made: the payment, its notice and the state of the invoice change together, or nothing
 * does. A payment that is noted already is left as it is.
 */
export async function recordPayment(
  medplum: MedplumClient,
  payment: StoredPayment,
  made: Made,
): Promise<string> {
  if (payment.status !== 'draft') return 'known';
  const invoice = await invoiceOf(medplum, payment);
  const before = paidAmount(await paymentsOf(medplum, invoice), made.amount.currency);
  const paid = plus(before, made.amount);
  const number = identifierValue(payment, 'payment')!;
  const notice = byIdentifier('paymentNotice', number);
  const state = stateAfter(invoice, paid, made);
  const entry: BundleEntry[] = [
    {
      resource: {
        ...payment,
        status: 'active',
        outcome: 'complete',
        paymentDate: made.date,
        paymentAmount: moneyOf(made.amount),
        detail: (payment.detail ?? []).map((detail) => ({
          ...detail,
          date: made.date,
          amount: moneyOf(made.amount),
        })),
      },
      request: { method: 'PUT', url: `PaymentReconciliation/${payment.id}`, ifMatch: versionOf(payment) },
    },
    {
      resource: noticeOf(payment, invoice, made),
      request: { method: 'POST', url: 'PaymentNotice', ifNoneExist: notice },
    },
  ];
  if (state !== undefined)
    entry.push({
      resource: { ...invoice, ...state },
      request: { method: 'PUT', url: `Invoice/${invoice.id}`, ifMatch: versionOf(invoice) },
    });
  await medplum.executeBatch({ resourceType: 'Bundle', type: 'transaction', entry });
  await tellOfTooMuch(medplum, invoice, paid);
  return invoice.id;
}

const versionOf = ({ meta }: { meta?: { versionId?: string } }): string => `W/"${meta!.versionId}"`;

async function invoiceOf(
  medplum: MedplumClient,
  { detail = [] }: StoredPayment,
): Promise<Invoice & { id: string }> {
  const id = detail.flatMap(({ request }) => idOf(request, 'Invoice') ?? [])[0];
  if (id === undefined) throw new Error('The payment is of no invoice.');
  return medplum.readResource('Invoice', id);
}

function stateAfter(invoice: Invoice, paid: Amount, made: Made): Partial<Invoice> | undefined {
  if (invoice.status !== 'issued' && invoice.status !== 'balanced') return undefined;
  if (made.amount.minor < 0n) {
    const isAll = paid.minor === 0n && made.cancelsInvoice === true;
    return isAll ? { status: 'cancelled', cancelledReason: 'The payment was refunded.' } : undefined;
  }
  const status = stateWhenPaid(invoice, paid);
  return status === invoice.status ? undefined : { status };
}

function noticeOf(payment: StoredPayment, invoice: Invoice & { id: string }, made: Made): PaymentNotice {
  const bill = identifierValue(payment, 'bill')!;
  return {
    resourceType: 'PaymentNotice',
    identifier: [identifier('paymentNotice', identifierValue(payment, 'payment')!), identifier('bill', bill)],
    status: 'active',
    request: refer(invoice),
    created: new Date().toISOString(),
    payment: refer(payment),
    paymentDate: made.date,
    recipient: invoice.issuer ?? { display: 'The clinic' },
    amount: moneyOf(made.amount),
    paymentStatus: PAID,
  };
}

async function tellOfTooMuch(
  medplum: MedplumClient,
  invoice: Invoice & { id: string },
  paid: Amount,
): Promise<void> {
  const isVoid = invoice.status === 'cancelled' || invoice.status === 'entered-in-error';
  const owed = isVoid ? { ...paid, minor: 0n } : amountOf(invoice.totalGross!);
  const rest = minus(paid, owed);
  if (rest.minor <= 0n) return;
  await askStaff(medplum, {
    focus: `Invoice/${invoice.id}`,
    ...(invoice.subject?.reference && { patient: { reference: invoice.subject.reference } }),
    ...(invoice.issuer?.reference && { owner: { reference: invoice.issuer.reference } }),
    text: `${textOf(rest)} ${rest.currency} more was paid than is owed: refund it.`,
  });
}
