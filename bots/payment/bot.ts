import type { Invoice, Parameters } from '@medplum/fhirtypes';
import type Stripe from 'stripe';
import type { BotDefinition, BotEvent, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { byIdentifier, identifier, identifierValue } from '../lib/bills/identifiers.ts';
import { paidAmount, paymentsOf, type StoredPayment } from '../lib/bills/payments.ts';
import { recordPayment } from '../lib/bills/recordPayment.ts';
import { idOf, refer } from '../lib/bills/references.ts';
import { amountOf, minus, moneyOf, type Amount } from '../lib/money/money.ts';
import {
  amountOfStripe,
  gatewayOf,
  INTENT_SYSTEM,
  STRIPE_SECRETS,
  stripeAmount,
} from '../lib/stripe/gateway.ts';
import policy from './policy.json' with { type: 'json' };

export const bot: BotDefinition = {
  name: 'payment',
  title: 'Payment',
  description:
    'Begins the payment of an issued invoice by card: `invoice` names it. Answers with what an app needs to let its user pay at the gateway.',
  triggers: [{ operation: true }],
  policy: { ...(policy as BotDefinition['policy']), extension: purposeOfUse('HPAYMT') },
  secrets: STRIPE_SECRETS,
};

const PAYMENT = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/payment-type', code: 'payment', display: 'Payment' },
  ],
};

/**
 * Input: Parameters or JSON with `invoice`, a reference. One payment of an invoice is open at a time: asked again, the same one is
 * answered, with the amount that is owed now.
 */
export const handler: BotHandler<Parameters | { invoice?: unknown }> = async (medplum, event) => {
  const invoice = await medplum.readResource('Invoice', invoiceId(event.input));
  assertPayer(event, invoice);
  const payments = await paymentsOf(medplum, invoice);
  const open = minus(amountOf(invoice.totalGross ?? {}), paidAmount(payments, invoice.totalGross!.currency!));
  if (invoice.status !== 'issued' || open.minor <= 0n) return { status: invoice.status };
  const begun = await begin(medplum, invoice, payments, open);
  const intent = await intentOf(gatewayOf(event), begun, invoice, open);
  if (intent.status === 'canceled') {
    await medplum.updateResource({ ...begun, status: 'cancelled' }, ifMatch(begun));
    return { status: 'canceled' }; // asked again, another is begun
  }
  const noted = await noteIntent(medplum, begun, intent, open);
  if (intent.status === 'succeeded') {
    const amount = amountOfStripe(intent.amount_received, intent.currency);
    await recordPayment(medplum, noted, { amount, date: today() });
    return { status: 'succeeded' };
  }
  const { amount, currency } = stripeAmount(open);
  return {
    status: intent.status,
    paymentIntent: intent.id,
    clientSecret: intent.client_secret,
    amount,
    currency,
  };
};

const today = (): string => new Date().toISOString().slice(0, 10);
const ifMatch = ({ meta }: StoredPayment) => ({ headers: { 'If-Match': `W/"${meta!.versionId}"` } });

function invoiceId(input: Parameters | { invoice?: unknown }): string {
  const given =
    'resourceType' in input
      ? input.parameter?.find(({ name }) => name === 'invoice')?.valueReference?.reference
      : (input as { invoice?: unknown }).invoice;
  const id = typeof given === 'string' ? idOf({ reference: given }, 'Invoice') : undefined;
  if (id === undefined) throw new Error("Name the invoice: 'invoice', a reference to it.");
  return id;
}

/** Patients pay what they are billed for; whoever works here may begin any payment. */
function assertPayer({ requester }: BotEvent, { subject, recipient }: Invoice): void {
  const who = requester?.reference;
  const isPerson = who?.startsWith('Patient/') || who?.startsWith('RelatedPerson/');
  if (isPerson && who !== subject?.reference && who !== recipient?.reference)
    throw new Error('This invoice is not yours.');
}

/** The payment that is open, or a new one: written before the gateway is asked. */
async function begin(
  medplum: MedplumClient,
  invoice: Invoice & { id: string },
  payments: readonly StoredPayment[],
  open: Amount,
): Promise<StoredPayment> {
  const begun = payments.find(
    ({ status, paymentAmount }) => status === 'draft' && (paymentAmount.value ?? 0) >= 0,
  );
  if (begun) return begun;
  const bill = identifierValue(invoice, 'bill')!;
  const number = `${bill}-P${payments.length + 1}`;
  return medplum.createResourceIfNoneExist(
    {
      resourceType: 'PaymentReconciliation',
      identifier: [identifier('payment', number), identifier('bill', bill)],
      status: 'draft',
      created: new Date().toISOString(),
      paymentDate: today(),
      paymentAmount: moneyOf(open),
      detail: [{ type: PAYMENT, request: refer(invoice), amount: moneyOf(open) }],
    },
    byIdentifier('payment', number),
  );
}

/** The gateway's side of a payment, for what is owed now; the idempotency key makes it once. */
async function intentOf(
  stripe: Stripe,
  payment: StoredPayment,
  invoice: Invoice & { id: string },
  open: Amount,
): Promise<Stripe.PaymentIntent> {
  const owed = stripeAmount(open);
  const known = payment.paymentIdentifier?.value;
  const number = identifierValue(payment, 'payment')!;
  if (known === undefined) {
    const begun = stripeAmount(amountOf(payment.paymentAmount));
    return stripe.paymentIntents.create(
      {
        ...begun,
        automatic_payment_methods: { enabled: true },
        description: `Invoice ${identifierValue(invoice, 'bill')}`,
        metadata: { payment: number, invoice: invoice.id },
      },
      { idempotencyKey: `maxray-${number}` },
    );
  }
  const intent = await stripe.paymentIntents.retrieve(known);
  const isChangeable = ['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(
    intent.status,
  );
  if (intent.amount === owed.amount || !isChangeable) return intent;
  return stripe.paymentIntents.update(
    known,
    { amount: owed.amount },
    { idempotencyKey: `maxray-${number}-${owed.amount}` },
  );
}

async function noteIntent(
  medplum: MedplumClient,
  payment: StoredPayment,
  { id }: Stripe.PaymentIntent,
  open: Amount,
): Promise<StoredPayment> {
  const isNoted =
    payment.paymentIdentifier?.value === id && payment.paymentAmount.value === moneyOf(open).value;
  if (isNoted || payment.status !== 'draft') return payment;
  const noted: StoredPayment = {
    ...payment,
    paymentIdentifier: { system: INTENT_SYSTEM, value: id },
    paymentAmount: moneyOf(open),
  };
  return medplum.updateResource(noted, ifMatch(payment));
}
