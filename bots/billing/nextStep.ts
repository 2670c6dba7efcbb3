import type { Claim, ClaimResponse, CoverageEligibilityResponse } from '@medplum/fhirtypes';
import { adjudicated, AdjudicationFault, openLines, type OpenLine } from '../lib/bills/adjudication.ts';
import type { ClaimedCoverage } from '../lib/bills/coverages.ts';
import { idOf } from '../lib/bills/references.ts';
import { MoneyFault } from '../lib/money/money.ts';
import { focalCoverage, type Bill } from './bill.ts';

type Stored<T> = T & { id: string };

/** An insurer's decision about a claim. */
export interface Decided {
  claim: Stored<Claim>;
  answer: Stored<ClaimResponse>;
}

/** What is to be done about a bill now. */
export type Step =
  | { step: 'ask'; coverage: ClaimedCoverage; attempt: number }
  | { step: 'claim'; coverage: ClaimedCoverage; earlier: Decided[] }
  /** An insurer is to answer, or people are. */
  | { step: 'wait' }
  | { step: 'ask-staff'; focus: string; text: string }
  /** All insurers have decided: the rest is the patient's. */
  | { step: 'settle'; lines: OpenLine[] };

/** The next step, and what insurers have decided so far. */
export interface Course {
  next: Step;
  decided: Decided[];
}

/** Goes through the insurances in their order, as far as answers have come. */
export function courseOf(bill: Bill): Course {
  let lines = openLines(bill.invoice.lineItem ?? []);
  const decided: Decided[] = [];
  const until = (next: Step): Course => ({ next, decided });
  for (const coverage of bill.coverages) {
    if (lines.every(({ open }) => open.minor === 0n)) break;
    const eligible = eligibility(bill, coverage);
    if (eligible === 'not insured') continue;
    if (eligible !== 'insured') return until(eligible);
    const claims = bill.claims.filter((claim) => focalCoverage(claim) === coverage.id);
    const claim = claims.filter(({ status }) => status === 'active' || status === 'draft').at(-1);
    if (claim === undefined && claims.length > 0) return until({ step: 'wait' }); // withdrawn: people decide
    if (claim === undefined) return until({ step: 'claim', coverage, earlier: decided });
    const answer = latest(bill.claimAnswers.filter(({ request }) => idOf(request, 'Claim') === claim.id));
    if (answer === undefined || answer.outcome === 'queued' || answer.outcome === 'partial')
      return until({ step: 'wait' });
    if (answer.outcome === 'error') return until(refused(claim, answer));
    try {
      lines = adjudicated(lines, answer, coverage.insurer.display ?? 'the insurer');
    } catch (error) {
      if (!(error instanceof AdjudicationFault || error instanceof MoneyFault)) throw error;
      return until({ step: 'ask-staff', focus: `ClaimResponse/${answer.id}`, text: error.message });
    }
    decided.push({ claim, answer });
  }
  return until({ step: 'settle', lines });
}

function eligibility(bill: Bill, coverage: ClaimedCoverage): Step | 'insured' | 'not insured' {
  const asked = bill.requests.filter(
    ({ insurance = [] }) => idOf(insurance[0]?.coverage, 'Coverage') === coverage.id,
  );
  const request = asked.find(({ status }) => status === 'active');
  if (request === undefined) return { step: 'ask', coverage, attempt: asked.length + 1 };
  const answers = bill.requestAnswers.filter(
    (answer) => idOf(answer.request, 'CoverageEligibilityRequest') === request.id,
  );
  const answer = latest(answers);
  if (answer === undefined || answer.outcome === 'queued') return { step: 'wait' };
  if (answer.outcome === 'error') {
    const text = `The insurer could not say whether the patient is insured: ${reasons(answer)} Correct the insurance, then cancel this request: another is sent.`;
    return { step: 'ask-staff', focus: `CoverageEligibilityRequest/${request.id}`, text };
  }
  return answer.insurance?.every(({ inforce }) => inforce === false) ? 'not insured' : 'insured';
}

function refused(claim: Stored<Claim>, answer: ClaimResponse): Step {
  const text = `The insurer has refused the claim unread: ${reasons(answer)} Correct what is wrong, then resubmit it (bot claim-correction).`;
  return { step: 'ask-staff', focus: `Claim/${claim.id}`, text };
}

function reasons({ error = [], disposition }: ClaimResponse | CoverageEligibilityResponse): string {
  const texts = error.map(
    ({ code }) => code.text ?? code.coding?.[0]?.display ?? code.coding?.[0]?.code ?? '',
  );
  return [...texts, disposition ?? ''].filter((text) => text !== '').join('; ') || 'no reason given.';
}

const latest = <T extends { meta?: { lastUpdated?: string }; id: string }>(
  answers: readonly T[],
): T | undefined =>
  [...answers].sort((a, b) => (a.meta!.lastUpdated! < b.meta!.lastUpdated! ? -1 : 1)).at(-1);
