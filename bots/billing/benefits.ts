import type { MedplumClient } from '@medplum/core';
import type { Claim, ExplanationOfBenefit, PaymentNotice, PaymentReconciliation } from '@medplum/fhirtypes';
import { byIdentifier, identifier, identifierValue } from '../lib/bills/identifiers.ts';
import { refer } from '../lib/bills/references.ts';
import { sameContent } from '../lib/bills/sameContent.ts';
import type { Bill } from './bill.ts';
import type { Decided } from './nextStep.ts';

const HL7 = 'http://terminology.hl7.org/CodeSystem';
const PAYMENT = { coding: [{ system: `${HL7}/payment-type`, code: 'payment', display: 'Payment' }] };
const PAID = { coding: [{ system: `${HL7}/paymentstatus`, code: 'paid', display: 'Paid' }] };

/**
 * Posts what an insurer decided: the patient's ExplanationOfBenefit, and what it pays the clinic. The claim is read once more after
 * that, and who withdraws it looks for what was posted after that: so either sees what the other has done.
 */
export async function post(medplum: MedplumClient, bill: Bill, decided: Decided): Promise<void> {
  await explain(medplum, bill, decided);
  await recordPayment(medplum, bill, decided);
  await takeBack(medplum, { claims: [await medplum.readResource('Claim', decided.claim.id)] });
}

/** Writes the explanation, or what has changed in it, unless the insurer has written one itself. */
async function explain(medplum: MedplumClient, bill: Bill, { claim, answer }: Decided): Promise<void> {
  const number = identifierValue(claim, 'claim')!;
  const existing = await medplum.searchResources(
    'ExplanationOfBenefit',
    `claim=Claim/${claim.id}&_sort=_id&_count=10`,
  );
  const own = existing.find((benefit) => identifierValue(benefit, 'benefit') === number);
  if (own === undefined && existing.length > 0) return;
  const benefit = explanation(bill, { claim, answer }, number);
  if (own === undefined) {
    await medplum.createResourceIfNoneExist(benefit, byIdentifier('benefit', number));
    return;
  }
  const { id: _id, meta, ...before } = own;
  if (sameContent(before, { ...benefit, created: before.created })) return;
  await medplum.updateResource(
    { ...benefit, id: own.id, created: own.created },
    { headers: { 'If-Match': `W/"${meta!.versionId}"` } },
  );
}

function explanation(bill: Bill, { claim, answer }: Decided, number: string): ExplanationOfBenefit {
  return {
    resourceType: 'ExplanationOfBenefit',
    identifier: [identifier('benefit', number), identifier('bill', bill.number)],
    status: 'active',
    type: claim.type,
    use: 'claim',
    patient: claim.patient,
    ...(claim.billablePeriod && { billablePeriod: claim.billablePeriod }),
    created: new Date().toISOString(),
    insurer: claim.insurer!,
    provider: claim.provider,
    claim: refer(claim),
    claimResponse: refer(answer),
    outcome: answer.outcome,
    ...(answer.disposition && { disposition: answer.disposition }),
    insurance: claim.insurance.map(({ focal, coverage }) => ({ focal, coverage })),
    ...(claim.item && {
      item: claim.item.map((item) => {
        const adjudication = answer.item?.find(
          ({ itemSequence }) => itemSequence === item.sequence,
        )?.adjudication;
        const { careTeamSequence: _c, diagnosisSequence: _d, ...shown } = item;
        return { ...shown, ...(adjudication && { adjudication }) };
      }),
    }),
    ...(answer.adjudication && { adjudication: answer.adjudication }),
    ...(answer.total && { total: answer.total }),
    ...(answer.payment && { payment: answer.payment }),
    ...(answer.processNote && {
      processNote: answer.processNote.map(({ number: n, type, text }) => ({
        ...(n !== undefined && { number: n }),
        ...(type && { type }),
        text,
      })),
    }),
  };
}

/** What the insurer pays of this claim. One transfer may be for many claims: they have its number in common. */
async function recordPayment(medplum: MedplumClient, bill: Bill, { claim, answer }: Decided): Promise<void> {
  const { payment } = answer;
  if (payment === undefined || !((payment.amount.value ?? 0) > 0)) return;
  const number = identifierValue(claim, 'claim')!;
  const date = payment.date ?? answer.created.slice(0, 10);
  const reconciliation = await medplum.createResourceIfNoneExist<PaymentReconciliation>(
    {
      resourceType: 'PaymentReconciliation',
      identifier: [identifier('payment', number), identifier('bill', bill.number)],
      status: 'active',
      created: new Date().toISOString(),
      paymentIssuer: answer.insurer,
      outcome: 'complete',
      paymentDate: date,
      paymentAmount: payment.amount,
      ...(payment.identifier && { paymentIdentifier: payment.identifier }),
      detail: [
        { type: PAYMENT, request: refer(claim), response: refer(answer), date, amount: payment.amount },
      ],
    },
    byIdentifier('payment', number),
  );
  await medplum.createResourceIfNoneExist<PaymentNotice>(
    {
      resourceType: 'PaymentNotice',
      identifier: [identifier('paymentNotice', number), identifier('bill', bill.number)],
      status: 'active',
      request: refer(claim),
      response: refer(answer),
      created: new Date().toISOString(),
      payment: refer(reconciliation),
      paymentDate: date,
      recipient: bill.invoice.issuer!,
      amount: payment.amount,
      paymentStatus: PAID,
    },
    byIdentifier('paymentNotice', number),
  );
}

/** Takes back what was posted of claims that have been withdrawn. */
export async function takeBack(medplum: MedplumClient, { claims }: Pick<Bill, 'claims'>): Promise<void> {
  for (const claim of claims) {
    const number = identifierValue(claim, 'claim');
    if (number !== undefined && isWithdrawn(claim)) await takeBackOf(medplum, number);
  }
}

const isWithdrawn = ({ status }: Claim): boolean => status === 'cancelled' || status === 'entered-in-error';

async function takeBackOf(medplum: MedplumClient, number: string): Promise<void> {
  for (const [type, name] of [
    ['ExplanationOfBenefit', 'benefit'],
    ['PaymentReconciliation', 'payment'],
    ['PaymentNotice', 'paymentNotice'],
  ] as const) {
    const found = await medplum.searchOne(type, byIdentifier(name, number));
    if (found?.status !== 'active') continue;
    await medplum.updateResource(
      { ...found, status: 'cancelled' },
      { headers: { 'If-Match': `W/"${found.meta!.versionId}"` } },
    );
  }
}
