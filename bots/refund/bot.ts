import type { Parameters } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { byIdentifier, identifier, identifierValue } from '../lib/bills/identifiers.ts';
import { paymentsOf, type StoredPayment } from '../lib/bills/payments.ts';
import { recordPayment } from '../lib/bills/recordPayment.ts';
import { idOf } from '../lib/bills/references.ts';
import { amountFrom, amountOf, moneyOf, negative, plus, textOf, type Amount } from '../lib/money/money.ts';
import {
  gatewayOf,
  INTENT_SYSTEM,
  REFUND_SYSTEM,
  STRIPE_SECRETS,
  stripeAmount,
} from '../lib/stripe/gateway.ts';
import policy from './policy.json' with { type: 'json' };

export const bot: BotDefinition = {
  name: 'refund',
  title: 'Refund',
  description:
    'Pays a card payment back: `payment` names it; `amount` (in its currency) says how much, absent: all; `key` tells several part refunds apart.',
  triggers: [{ operation: true }],
  policy: { ...(policy as BotDefinition['policy']), extension: purposeOfUse('HPAYMT') },
  secrets: STRIPE_SECRETS,
};

const ADJUSTMENT = {
  coding: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/payment-type',
      code: 'adjustment',
      display: 'Adjustment',
    },
  ],
};
const KEY = /^[A-Za-z0-9-]{1,20}$/;

interface Asked {
  payment?: unknown;
  amount?: unknown;
  key?: unknown;
}

/** Input: Parameters or JSON. The same payment and key are refunded once, however often it is asked. */
export const handler: BotHandler<Parameters | Asked> = async (medplum, event) => {
  const { payment: named, amount: given, key = 'all' } = askedOf(event.input);
  const id = typeof named === 'string' ? idOf({ reference: named }, 'PaymentReconciliation') : undefined;
  if (id === undefined)
    throw new Error("Name the payment: 'payment', a reference to a PaymentReconciliation.");
  if (typeof key !== 'string' || !KEY.test(key))
    throw new Error("A 'key' has up to 20 letters, digits and hyphens.");
  const payment = await medplum.readResource('PaymentReconciliation', id);
  const intent = payment.paymentIdentifier;
  if (payment.status !== 'active' || intent?.system !== INTENT_SYSTEM || !intent.value)
    throw new Error('Only a card payment that has been made can be paid back.');
  const begun = await begin(medplum, payment, key, given);
  if (begun.status !== 'draft') return begun;
  const amount = negative(amountOf(begun.paymentAmount));
  const number = identifierValue(begun, 'payment')!;
  const refund = await gatewayOf(event).refunds.create(
    { payment_intent: intent.value, amount: stripeAmount(amount).amount, metadata: { payment: number } },
    { idempotencyKey: `maxray-${number}` },
  );
  if (refund.status === 'succeeded') {
    const made = {
      amount: negative(amount),
      date: new Date().toISOString().slice(0, 10),
      cancelsInvoice: true,
    };
    await recordPayment(
      medplum,
      { ...begun, paymentIdentifier: { system: REFUND_SYSTEM, value: refund.id } },
      made,
    );
  }
  return { status: refund.status, refund: refund.id, payment: `PaymentReconciliation/${begun.id}` };
};

function askedOf(input: Parameters | Asked): Asked {
  if (!('resourceType' in input)) return input;
  const value = (name: string) => input.parameter?.find((one) => one.name === name);
  const amount = value('amount')?.valueDecimal;
  const key = value('key')?.valueString;
  return {
    payment: value('payment')?.valueReference?.reference,
    ...(amount !== undefined && { amount }),
    ...(key !== undefined && { key }),
  };
}

/** The refund, written before the gateway is asked: never more than was paid and is not paid back yet. */
async function begin(
  medplum: MedplumClient,
  payment: StoredPayment,
  key: string,
  given: unknown,
): Promise<StoredPayment> {
  const number = `${identifierValue(payment, 'payment')}-R-${key}`;
  const known = await medplum.searchOne('PaymentReconciliation', byIdentifier('payment', number));
  if (known) return known;
  const rest = await restOf(medplum, payment);
  const amount =
    typeof given === 'number' || typeof given === 'string' ? amountFrom(given, rest.currency) : rest;
  if (amount.minor <= 0n || amount.minor > rest.minor)
    throw new Error(`Between nothing and ${textOf(rest)} ${rest.currency} can be paid back of this payment.`);
  const back = moneyOf(negative(amount));
  return medplum.createResourceIfNoneExist(
    {
      resourceType: 'PaymentReconciliation',
      identifier: [identifier('payment', number), identifier('bill', identifierValue(payment, 'bill')!)],
      status: 'draft',
      created: new Date().toISOString(),
      paymentDate: new Date().toISOString().slice(0, 10),
      paymentAmount: back,
      detail: (payment.detail ?? []).map(({ request }) => ({
        type: ADJUSTMENT,
        ...(request && { request }),
        amount: back,
      })),
    },
    byIdentifier('payment', number),
  );
}

/** What was paid less what was, or is being, paid back of it. */
async function restOf(medplum: MedplumClient, payment: StoredPayment): Promise<Amount> {
  const invoiceId = payment.detail?.flatMap(({ request }) => idOf(request, 'Invoice') ?? [])[0];
  if (invoiceId === undefined) throw new Error('The payment is of no invoice.');
  const number = identifierValue(payment, 'payment')!;
  const all = await paymentsOf(medplum, await medplum.readResource('Invoice', invoiceId));
  return all
    .filter(
      (one) => one.status !== 'cancelled' && identifierValue(one, 'payment')?.startsWith(`${number}-R-`),
    )
    .reduce((rest, one) => plus(rest, amountOf(one.paymentAmount)), amountOf(payment.paymentAmount));
}
