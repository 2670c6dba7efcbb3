import type { MedplumClient } from '@medplum/core';
import type { Invoice } from '@medplum/fhirtypes';
import { settledLines, type OpenLine } from '../lib/bills/adjudication.ts';
import { withLines } from '../lib/bills/invoice.ts';
import { paidAmount, paymentsOf, stateWhenPaid } from '../lib/bills/payments.ts';
import { sameContent } from '../lib/bills/sameContent.ts';
import { askStaff } from '../lib/bills/staffTask.ts';
import { amountOf, minus, textOf } from '../lib/money/money.ts';
import type { Bill } from './bill.ts';

const TERMS = 'Payable within 30 days.';

/** Puts the insurers' shares on the invoice and issues it to the patient; one that nothing is left of is balanced. */
export async function settle(
  medplum: MedplumClient,
  { invoice }: Bill,
  open: readonly OpenLine[],
): Promise<void> {
  if (invoice.lineItem === undefined) return;
  const lines = withLines(settledLines(invoice.lineItem, open));
  const isSame = sameContent(lines.lineItem, invoice.lineItem);
  if (isSame && invoice.status !== 'draft') return;
  const payments = await paymentsOf(medplum, invoice);
  const paid = paidAmount(payments, lines.totalGross.currency!);
  const tooMuch = minus(paid, amountOf(lines.totalGross));
  if (tooMuch.minor > 0n)
    await askStaff(medplum, {
      focus: `Invoice/${invoice.id}`,
      ...about(invoice),
      text: `The patient has paid ${textOf(tooMuch)} ${tooMuch.currency} more than is owed since the insurer decided: refund it.`,
    });
  await update(medplum, invoice, {
    ...lines,
    status: stateWhenPaid(lines, paid),
    date: invoice.date ?? new Date().toISOString(),
    paymentTerms: invoice.paymentTerms ?? TERMS,
  });
}

/** An invoice that was issued while an insurer is to decide again is taken back, unless something was paid of it. */
export async function reopen(medplum: MedplumClient, { invoice }: Bill): Promise<void> {
  if (invoice.status === 'draft' || invoice.lineItem === undefined) return;
  const payments = await paymentsOf(medplum, invoice);
  if (payments.some(({ status }) => status === 'active' || status === 'draft')) {
    await askStaff(medplum, {
      focus: `Invoice/${invoice.id}`,
      ...about(invoice),
      text: 'A claim of this invoice is open again, but the patient has paid, or is paying: settle the difference by hand.',
    });
    return;
  }
  await update(medplum, invoice, { ...withLines(settledLines(invoice.lineItem, [])), status: 'draft' });
}

const about = ({ subject, issuer }: Invoice) => ({
  ...(subject?.reference && { patient: { reference: subject.reference } }),
  ...(issuer?.reference && { owner: { reference: issuer.reference } }),
});

async function update(
  medplum: MedplumClient,
  invoice: Invoice & { id: string },
  changes: Partial<Invoice>,
): Promise<void> {
  await medplum.updateResource(
    { ...invoice, ...changes },
    { headers: { 'If-Match': `W/"${invoice.meta!.versionId}"` } },
  );
}
