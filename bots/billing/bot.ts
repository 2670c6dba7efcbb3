import { OperationOutcomeError } from '@medplum/core';
import type {
  Claim,
  ClaimResponse,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  Invoice,
} from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { byIdentifier, identifier, identifierValue } from '../lib/bills/identifiers.ts';
import { idOf, refer } from '../lib/bills/references.ts';
import { askStaff } from '../lib/bills/staffTask.ts';
import { post, takeBack } from './benefits.ts';
import { readBill, timeOf, type Bill } from './bill.ts';
import { ClaimFault, makeClaim } from './claim.ts';
import { courseOf, type Step } from './nextStep.ts';
import policy from './policy.json' with { type: 'json' };
import { reopen, settle } from './settle.ts';

export const bot: BotDefinition = {
  name: 'billing',
  title: 'Billing',
  description:
    'Brings a bill from draft to issued: asks insurers whether the patient is insured, claims from them in their order, posts what they decide, and leaves the rest to the patient.',
  triggers: [
    { criteria: 'Invoice?status=draft' },
    { criteria: 'CoverageEligibilityResponse?status=active' },
    { criteria: 'CoverageEligibilityRequest?status=cancelled' },
    { criteria: 'ClaimResponse?status=active' },
    { criteria: 'Claim?status=cancelled,entered-in-error&use=claim' },
  ],
  policy: { ...(policy as BotDefinition['policy']), extension: purposeOfUse('HPAYMT') },
};

type Told = Invoice | CoverageEligibilityRequest | CoverageEligibilityResponse | Claim | ClaimResponse;

/** Reads the whole bill and does what is to be done next: whatever told of it, however often, in whatever order. */
export const handler: BotHandler<Told> = async (medplum, { input }) => {
  const number = await billOf(medplum, input);
  const bill = number === undefined ? undefined : await readBill(medplum, number);
  if (bill === undefined) return 'no bill of ours';
  if (bill.invoice.status === 'cancelled' || bill.invoice.status === 'entered-in-error') {
    await takeBack(medplum, bill);
    return 'cancelled';
  }
  const { next, decided } = courseOf(bill);
  await takeBack(medplum, bill);
  for (const each of decided) await post(medplum, bill, each);
  if (next.step === 'settle') await settle(medplum, bill, next.lines);
  else await reopen(medplum, bill);
  await act(medplum, bill, next);
  return next.step;
};

async function billOf(medplum: MedplumClient, told: Told): Promise<string | undefined> {
  const own = identifierValue(told, 'bill');
  if (own !== undefined) return own;
  if (told.resourceType === 'ClaimResponse') {
    const id = idOf(told.request, 'Claim');
    return id === undefined ? undefined : identifierValue(await medplum.readResource('Claim', id), 'bill');
  }
  if (told.resourceType === 'CoverageEligibilityResponse') {
    const id = idOf(told.request, 'CoverageEligibilityRequest');
    if (id === undefined) return undefined;
    return identifierValue(await medplum.readResource('CoverageEligibilityRequest', id), 'bill');
  }
  return undefined;
}

async function act(medplum: MedplumClient, bill: Bill, next: Step): Promise<void> {
  const { subject, issuer, id } = bill.invoice;
  const tell = (focus: string, text: string): Promise<unknown> =>
    askStaff(medplum, {
      focus,
      text,
      patient: { reference: subject!.reference! },
      ...(issuer?.reference && { owner: { reference: issuer.reference } }),
    });
  if (next.step === 'ask-staff') await tell(next.focus, next.text);
  if (next.step === 'ask') await askEligibility(medplum, bill, next);
  if (next.step !== 'claim') return;
  try {
    await makeClaim(medplum, bill, next);
  } catch (error) {
    const isRefused = error instanceof OperationOutcomeError && isOfTheClaim(error);
    if (!(error instanceof ClaimFault) && !isRefused) throw error;
    await tell(`Invoice/${id}`, `No claim could be made of this invoice. ${error.message}`);
  }
}

/** Would the same be refused again? Not where the server was busy, or others were quicker. */
const isOfTheClaim = ({ outcome }: OperationOutcomeError): boolean =>
  outcome.issue.some(({ code }) =>
    [
      'invalid',
      'structure',
      'required',
      'value',
      'invariant',
      'code-invalid',
      'business-rule',
      'processing',
    ].includes(code),
  );

async function askEligibility(
  medplum: MedplumClient,
  bill: Bill,
  { coverage, attempt }: Extract<Step, { step: 'ask' }>,
): Promise<void> {
  const key = `${bill.number}-${coverage.id}-${attempt}`;
  const when = bill.items.map(timeOf).sort()[0];
  const { issuer, subject } = bill.invoice;
  await medplum.createResourceIfNoneExist<CoverageEligibilityRequest>(
    {
      resourceType: 'CoverageEligibilityRequest',
      identifier: [identifier('eligibility', key), identifier('bill', bill.number)],
      status: 'active',
      purpose: ['validation', 'benefits'],
      patient: subject as CoverageEligibilityRequest['patient'],
      ...(when && { servicedDate: when.slice(0, 10) }),
      created: new Date().toISOString(),
      ...(issuer && { provider: issuer }),
      insurer: coverage.insurer,
      insurance: [{ focal: true, coverage: refer(coverage) }],
    },
    byIdentifier('eligibility', key),
  );
}
