import type { PaymentReconciliation } from '@medplum/fhirtypes';
import type Stripe from 'stripe';
import type { BotDefinition, BotEvent, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { byIdentifier } from '../lib/bills/identifiers.ts';
import type { StoredPayment } from '../lib/bills/payments.ts';
import { recordPayment } from '../lib/bills/recordPayment.ts';
import { negative } from '../lib/money/money.ts';
import { amountOfStripe, gatewayOf, INTENT_SYSTEM, STRIPE_SECRETS } from '../lib/stripe/gateway.ts';
import policy from './policy.json' with { type: 'json' };

export const bot: BotDefinition = {
  name: 'payment-webhook',
  title: 'Word of payments',
  description: "Takes the payment gateway's signed word of payments and refunds, and notes them.",
  triggers: [{ webhook: true }],
  policy: { ...(policy as BotDefinition['policy']), extension: purposeOfUse('HPAYMT') },
  secrets: [...STRIPE_SECRETS, 'STRIPE_WEBHOOK_SECRET'],
};

/** Input: the body as it came, as text. What is not signed changes nothing. @throws where it is not signed by the gateway */
export const handler: BotHandler<string> = async (medplum, event) => {
  const word = verified(event);
  const date = new Date(word.created * 1_000).toISOString().slice(0, 10);
  switch (word.type) {
    case 'payment_intent.succeeded': {
      const { id, amount_received: received, currency, metadata } = word.data.object;
      const payment = await paymentOf(medplum, metadata.payment, { system: INTENT_SYSTEM, value: id });
      if (payment === undefined) return 'no payment of ours';
      return recordPayment(medplum, payment, { amount: amountOfStripe(received, currency), date });
    }
    case 'payment_intent.canceled':
      return cancel(medplum, await paymentOf(medplum, word.data.object.metadata.payment));
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed': {
      const { status, amount, currency, metadata } = word.data.object;
      const refund = await paymentOf(medplum, metadata?.payment);
      if (refund === undefined) return 'no refund of ours';
      if (status === 'failed' || status === 'canceled') return cancel(medplum, refund);
      if (status !== 'succeeded') return 'not yet';
      const back = negative(amountOfStripe(amount, currency));
      return recordPayment(medplum, refund, { amount: back, date, cancelsInvoice: true });
    }
    default:
      return 'nothing to note';
  }
};

/** The event, if the gateway has signed these very bytes lately. */
function verified(event: BotEvent<string>): Stripe.Event {
  const secret = event.secrets.STRIPE_WEBHOOK_SECRET?.valueString;
  if (secret === undefined) throw new Error('The secret STRIPE_WEBHOOK_SECRET is missing.');
  const signature = event.headers?.['stripe-signature'];
  if (typeof event.input !== 'string' || typeof signature !== 'string')
    throw new Error('A signed body is needed, as it was sent, with the header Stripe-Signature.');
  return gatewayOf(event).webhooks.constructEvent(event.input, signature, secret);
}

/** The payment that the gateway names; not one that has another identifier of it. */
async function paymentOf(
  medplum: MedplumClient,
  number: string | undefined,
  identifier?: { system: string; value: string },
): Promise<StoredPayment | undefined> {
  if (number === undefined) return undefined;
  const payment = await medplum.searchOne('PaymentReconciliation', byIdentifier('payment', number));
  if (payment === undefined || identifier === undefined) return payment;
  const known = payment.paymentIdentifier?.value;
  if (known === undefined) return { ...payment, paymentIdentifier: identifier };
  if (known !== identifier.value) throw new Error(`The payment ${number} has another intent at the gateway.`);
  return payment;
}

async function cancel(medplum: MedplumClient, payment: StoredPayment | undefined): Promise<string> {
  if (payment?.status !== 'draft') return 'nothing to cancel';
  const cancelled: PaymentReconciliation = { ...payment, status: 'cancelled' };
  await medplum.updateResource(cancelled, { headers: { 'If-Match': `W/"${payment.meta!.versionId}"` } });
  return 'cancelled';
}
