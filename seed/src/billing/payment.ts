import type {
  ChargeItem,
  Invoice,
  PaymentNotice,
  PaymentReconciliation,
  Reference,
} from '@medplum/fhirtypes';
import { insurer } from '../clinic/insurers.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import { practitioner } from '../clinic/staff.ts';
import { concept, hl7 } from '../kit/concept.ts';
import { money } from '../kit/decimal.ts';
import { refer } from '../kit/bundle.ts';
import { houseIdentifier } from '../kit/identify.ts';
import { DAY_MS, day, instant } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';
import type { Line } from './amounts.ts';
import { benefit, price, sum } from './amounts.ts';
import type { Settled } from './claim.ts';

/** One ChargeItem for each charge of a visit. */
export function chargeItems(story: Story, visit: Visit, lines: readonly Line[]): Reference<ChargeItem>[] {
  return lines.map(({ charge }) =>
    story.add<ChargeItem>({
      resourceType: 'ChargeItem',
      id: story.id('charge'),
      status: 'billed',
      code: concept(charge.code),
      subject: story.subject,
      context: visit.encounter,
      occurrenceDateTime: instant(visit.startMs),
      performer: [{ actor: practitioner(visit.doctor) }],
      performingOrganization: ORGANIZATION.clinic,
      quantity: { value: 1 },
      priceOverride: money(charge.cents),
      enteredDate: instant(visit.endMs),
      ...(charge.service !== undefined && { service: [{ reference: charge.service }] }),
      account: [refer('Account', `${story.person.prefix}-account`)],
    }),
  );
}

/** The patient's share as an invoice: paid by the end of the year, unless it came too late for that. */
export function invoice(
  story: Story,
  visit: Visit,
  lines: readonly Line[],
  items: readonly Reference<ChargeItem>[],
): void {
  const number = story.id('invoice');
  const settled = visit.endMs + 40 * DAY_MS < story.untilMs;
  story.add<Invoice>({
    resourceType: 'Invoice',
    id: number,
    identifier: [houseIdentifier('invoice', number.toUpperCase())],
    status: settled ? 'balanced' : 'issued',
    type: { text: 'Share of the patient' },
    subject: story.subject,
    recipient: story.subject,
    date: instant(visit.endMs + 12 * DAY_MS),
    issuer: ORGANIZATION.clinic,
    account: refer('Account', `${story.person.prefix}-account`),
    lineItem: lines.map((line, index) => ({
      sequence: index + 1,
      chargeItemReference: items[index] as Reference<ChargeItem>,
      priceComponent: [
        { type: 'base', amount: money(line.charge.cents) },
        { type: 'deduction', code: { text: 'Paid by the insurance' }, amount: money(-line.benefitCents) },
      ],
    })),
    totalNet: money(sum(lines, price) - sum(lines, benefit)),
    totalGross: money(sum(lines, price) - sum(lines, benefit)),
    paymentTerms: 'Payable within 30 days.',
  });
}

/** The insurance's payment: its list of what it pays for, and our notice that it came. */
export function payment(story: Story, lines: readonly Line[], { claim, response, decidedMs }: Settled): void {
  const amount = money(sum(lines, benefit));
  const payer = insurer(story.person.insurer);
  const reconciliation = story.add<PaymentReconciliation>({
    resourceType: 'PaymentReconciliation',
    id: story.id('payment'),
    status: 'active',
    created: instant(decidedMs),
    paymentIssuer: payer,
    outcome: 'complete',
    paymentDate: day(decidedMs + 3 * DAY_MS),
    paymentAmount: amount,
    detail: [
      {
        type: concept(hl7('payment-type', 'payment', 'Payment')),
        request: claim,
        response,
        payee: ORGANIZATION.clinic,
        date: day(decidedMs),
        amount,
      },
    ],
  });
  story.add<PaymentNotice>({
    resourceType: 'PaymentNotice',
    id: story.id('payment-notice'),
    status: 'active',
    request: claim,
    response,
    created: instant(decidedMs + 3 * DAY_MS),
    provider: ORGANIZATION.clinic,
    payment: reconciliation,
    paymentDate: day(decidedMs + 3 * DAY_MS),
    payee: ORGANIZATION.clinic,
    recipient: ORGANIZATION.clinic,
    amount,
    paymentStatus: concept(hl7('paymentstatus', 'paid', 'Paid')),
  });
}
