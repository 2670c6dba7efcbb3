import type { Claim, Invoice, PaymentReconciliation } from '@medplum/fhirtypes';
import { byIdentifier, identifierValue } from '../../../lib/bills/identifiers.ts';
import { INTENT_SYSTEM } from '../../../lib/stripe/gateway.ts';
import { coverage, encounter } from '../../billing/clinic.ts';
import type { Stored } from './persistentClient.ts';
import { resource, subjectOf, type Stage, type Story } from './story.ts';

/** Of each visit of an insured patient. */
const CHARGED = [
  'Account: active',
  'CoverageEligibilityRequest: active',
  'CoverageEligibilityResponse: active',
];
/** Of each claim. */
const DECIDED = ['Claim', 'ClaimResponse', 'ExplanationOfBenefit', 'PaymentNotice', 'PaymentReconciliation'];
const INSURED = ['charge', 'billing', 'insurers'];

/** A visit is over whose patient is insured. @returns its Invoice, with what the insurer leaves to the patient */
async function visited(stage: Stage, id: string, insurer: 'saguaro' | 'mesa'): Promise<Stored<Invoice>> {
  const { client } = stage;
  const person = { reference: `Patient/${id}` };
  await client.create({
    ...coverage(`${id}-coverage`, insurer, 1),
    ...{ subscriber: person, beneficiary: person },
  } as Stored);
  const cough = { resourceType: 'Condition', id: `${id}-cough`, subject: subjectOf(id) };
  const code = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'R05.9' }], text: 'Cough' };
  await client.create(resource({ ...cough, code }));
  const diagnosis = [{ condition: { reference: `Condition/${cough.id}` } }];
  await client.create(encounter(`${id}-visit`, { subject: person, diagnosis }));
  return issued(stage, id);
}

async function issued({ client }: Stage, id: string): Promise<Stored<Invoice>> {
  const [invoice] = await client.wait<Invoice>(`Invoice?subject=Patient/${id}&status=issued`);
  return invoice!;
}

/** Paid by card and paid back. */
const paid = (insurer: 'saguaro' | 'mesa'): Story => ({
  bots: [...INSURED, 'payment', 'payment-webhook', 'refund'],
  async tell(stage, id) {
    const { client, gateways } = stage;
    const invoice = await visited(stage, id, insurer);
    const input = { invoice: `Invoice/${invoice.id}` };
    const { paymentIntent } = await client.execute<{ paymentIntent: string }>('payment', input);
    await gateways.pay(paymentIntent);
    const ofBill = byIdentifier('bill', identifierValue(invoice, 'bill')!);
    const payments = await client.find<PaymentReconciliation>(`PaymentReconciliation?${ofBill}`);
    const payment = payments.find(({ paymentIdentifier }) => paymentIdentifier?.system === INTENT_SYSTEM)!;
    await client.execute('refund', { payment: `PaymentReconciliation/${payment.id}` });
  },
  effects: [
    ...CHARGED,
    ...['ChargeItem: billed', 'Invoice: cancelled', 'Claim: active', 'ClaimResponse: active'],
    'ExplanationOfBenefit: active',
    // The insurer's, the card's, and what was paid back.
    ...['PaymentNotice: active', 'PaymentNotice: active', 'PaymentNotice: active'],
    ...['PaymentReconciliation: active', 'PaymentReconciliation: active', 'PaymentReconciliation: active'],
  ],
});

/** A claim is sent once more in place of the first. */
const corrected: Story = {
  bots: [...INSURED, 'claim-correction'],
  async tell(stage, id) {
    await visited(stage, id, 'saguaro');
    const [claim] = await stage.client.find<Claim>(`Claim?patient=Patient/${id}&status=active`);
    await stage.client.execute('claim-correction', { claim: `Claim/${claim!.id}` });
    await stage.client.wait(`ExplanationOfBenefit?patient=Patient/${id}`, 2);
    await issued(stage, id);
  },
  effects: [
    ...CHARGED,
    ...['ChargeItem: billed', 'Invoice: issued'],
    ...DECIDED.flatMap((type) => [`${type}: cancelled`, `${type}: active`]),
  ],
};

/** The visit turns out not to have been. */
const takenBack: Story = {
  bots: [...INSURED, 'charge-cancellation'],
  async tell(stage, id) {
    await visited(stage, id, 'mesa');
    const subject = { reference: `Patient/${id}` };
    await stage.client.update(encounter(`${id}-visit`, { subject, status: 'entered-in-error' }));
    await stage.client.wait(`ClaimResponse?patient=Patient/${id}&status=cancelled`);
  },
  effects: [
    ...CHARGED,
    ...['ChargeItem: entered-in-error', 'Invoice: cancelled'],
    ...DECIDED.map((type) => `${type}: cancelled`),
  ],
};

export const billingStories: readonly Story[] = [paid('saguaro'), paid('mesa'), corrected, takenBack];
