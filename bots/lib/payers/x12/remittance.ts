import type { ClaimResponseItem, ClaimResponseItemAdjudication, CodeableConcept } from '@medplum/fhirtypes';
import { settlementConcept } from '../../bills/settlementCodes.ts';
import { amountFrom, minus, moneyOf, plus, sum, textOf, zero, type Amount } from '../../money/money.ts';
import { PayerFault, type ClaimAnswer } from '../payer.ts';
import { fhirDate, type Segment, type Transaction } from './interchange.ts';

const HL7 = 'http://terminology.hl7.org/CodeSystem';
/** CLP02: the claim was denied; what was paid before is taken back. */
const DENIED = '4';
const REVERSAL = '22';
/** CARC 18: exact duplicate of a claim. */
const DUPLICATE = '18';
/** Groups of adjustments that are the patient's; all others are nobody's. */
const PATIENT_GROUP = 'PR';
const PATIENT_REASONS: Readonly<Record<string, { code: string; display: string }>> = {
  1: { code: 'deductible', display: 'Deductible' },
  3: { code: 'copay', display: 'CoPay' },
};

/** What an 835 says of one claim. */
interface Remitted {
  claim: Segment;
  /** Segments up to the next claim. */
  segments: Segment[];
  payment: { date: string | undefined; trace: string | undefined };
}

/**
 * What an 835 decides about a claim.
 *
 * @returns undefined where it says nothing of the claim, or only that it has it already
 * @throws PayerFault where its amounts do not add up: they are not believed then
 */
export function claimDecision(
  transactions: readonly Transaction[],
  number: string,
  currency: string,
): ClaimAnswer | undefined {
  const remitted = transactions
    .filter(({ code }) => code === '835')
    .flatMap(remittedClaims)
    .filter(({ claim }) => claim[1] === number && claim[2] !== REVERSAL);
  const found = remitted.find((each) => !isDuplicate(each));
  return found && answerOf(found, currency);
}

function remittedClaims({ segments }: Transaction): Remitted[] {
  const heading = segments.find(([tag]) => tag === 'BPR');
  const trace = segments.find(([tag]) => tag === 'TRN');
  const payment = { date: fhirDate(heading?.[16]), trace: trace?.[2] };
  const claims: Remitted[] = [];
  for (const segment of segments) {
    if (segment[0] === 'CLP') claims.push({ claim: segment, segments: [], payment });
    else if (segment[0] === 'PLB')
      break; // what concerns the provider, not a claim
    else claims.at(-1)?.segments.push(segment);
  }
  return claims;
}

/** Was it refused only because the insurer has it already? */
const isDuplicate = ({ claim, segments }: Remitted): boolean =>
  claim[2] === DENIED &&
  segments.filter(([tag]) => tag === 'CAS').every(([, , reason]) => reason === DUPLICATE) &&
  segments.some(([tag]) => tag === 'CAS');

function answerOf({ claim, segments, payment }: Remitted, currency: string): ClaimAnswer {
  const [, number, status, charged = '', paid = ''] = claim;
  const lines = serviceLines(segments);
  const ownAdjustments = lines.length === 0 ? segments : beforeLines(segments);
  const total = { charged: amountFrom(charged, currency), paid: amountFrom(paid, currency) };
  const item = lines.map((line) => lineOf(line, currency));
  const adjustments = [ownAdjustments, ...lines].flatMap((each) => adjustmentsOf(each, currency));
  const adjusted = sum(
    adjustments.map(({ amount }) => amount),
    currency,
  );
  if (minus(minus(total.charged, total.paid), adjusted).minor !== 0n)
    throw new PayerFault(
      `The 835 of claim ${number} does not add up: ${textOf(total.charged)} charged, ${textOf(total.paid)} paid, ${textOf(adjusted)} adjusted.`,
    );
  if (lines.length > 0 && adjustmentsOf(ownAdjustments, currency).length > 0)
    throw new PayerFault(`The 835 of claim ${number} adjusts the claim beside its lines.`);
  const header = adjudicationOf(
    total.charged,
    total.paid,
    adjustmentsOf(ownAdjustments, currency),
    undefined,
  );
  return {
    outcome: 'complete',
    disposition:
      status === DENIED ? 'Denied' : total.paid.minor === total.charged.minor ? 'Paid' : 'Paid in part',
    ...(item.length > 0 ? { item } : { adjudication: header }),
    total: [
      { category: adjudicationConcept('submitted', 'Submitted Amount'), amount: moneyOf(total.charged) },
      { category: adjudicationConcept('benefit', 'Benefit Amount'), amount: moneyOf(total.paid) },
    ],
    ...(total.paid.minor > 0n && {
      payment: {
        type: {
          coding: [{ system: `${HL7}/ex-paymenttype`, code: status === '1' ? 'complete' : 'partial' }],
        },
        amount: moneyOf(total.paid),
        ...(payment.date && { date: payment.date }),
        ...(payment.trace && { identifier: { value: payment.trace } }),
      },
    }),
    ...(claim[7] && { payerNumber: claim[7] }),
  };
}

/** The segments of each service line, beginning with its SVC. */
function serviceLines(segments: readonly Segment[]): Segment[][] {
  const lines: Segment[][] = [];
  for (const segment of segments) {
    if (segment[0] === 'SVC') lines.push([segment]);
    else lines.at(-1)?.push(segment);
  }
  return lines;
}

const beforeLines = (segments: readonly Segment[]): Segment[] => {
  const first = segments.findIndex(([tag]) => tag === 'SVC');
  return segments.slice(0, first);
};

function lineOf(segments: readonly Segment[], currency: string): ClaimResponseItem {
  const [, , charged = '', paid = ''] = segments[0]!;
  const sequence = Number(segments.find(([tag, code]) => tag === 'REF' && code === '6R')?.[2]);
  if (!Number.isSafeInteger(sequence) || sequence < 1)
    throw new PayerFault('A line of the 835 does not say which line of the claim it is (REF*6R).');
  const allowed = segments.find(([tag, code]) => tag === 'AMT' && code === 'B6')?.[2];
  const amounts = { charged: amountFrom(charged, currency), paid: amountFrom(paid, currency) };
  const adjustments = adjustmentsOf(segments, currency);
  const adjusted = sum(
    adjustments.map(({ amount }) => amount),
    currency,
  );
  if (minus(minus(amounts.charged, amounts.paid), adjusted).minor !== 0n)
    throw new PayerFault(`Line ${sequence} of the 835 does not add up.`);
  const eligible = allowed === undefined ? undefined : amountFrom(allowed, currency);
  return {
    itemSequence: sequence,
    adjudication: adjudicationOf(amounts.charged, amounts.paid, adjustments, eligible),
  };
}

interface Adjustment {
  group: string;
  reason: string;
  amount: Amount;
}

/** CAS: a group, then up to six of reason, amount and quantity. */
function adjustmentsOf(segments: readonly Segment[], currency: string): Adjustment[] {
  return segments
    .filter(([tag]) => tag === 'CAS')
    .flatMap(([, group = '', ...parts]) => {
      const adjustments: Adjustment[] = [];
      for (let at = 0; at < parts.length; at += 3)
        if (parts[at])
          adjustments.push({ group, reason: parts[at]!, amount: amountFrom(parts[at + 1] ?? '', currency) });
      return adjustments;
    });
}

function adjudicationOf(
  charged: Amount,
  paid: Amount,
  adjustments: readonly Adjustment[],
  eligible: Amount | undefined,
): ClaimResponseItemAdjudication[] {
  const { currency } = charged;
  const total = (isMeant: (adjustment: Adjustment) => boolean): Amount =>
    adjustments.filter(isMeant).reduce((all, { amount }) => plus(all, amount), zero(currency));
  const share = total(({ group }) => group === PATIENT_GROUP);
  const writeOff = total(({ group }) => group !== PATIENT_GROUP);
  const named = Object.entries(PATIENT_REASONS).flatMap(([reason, { code, display }]) => {
    const amount = total((one) => one.group === PATIENT_GROUP && one.reason === reason);
    return amount.minor === 0n
      ? []
      : [{ category: adjudicationConcept(code, display), amount: moneyOf(amount) }];
  });
  const denial = adjustments.find(({ group }) => group !== PATIENT_GROUP)?.reason;
  const reason = denial && { coding: [{ system: CARC, code: denial }] };
  return [
    { category: adjudicationConcept('submitted', 'Submitted Amount'), amount: moneyOf(charged) },
    ...(eligible
      ? [{ category: adjudicationConcept('eligible', 'Eligible Amount'), amount: moneyOf(eligible) }]
      : []),
    ...named,
    { category: settlementConcept('patient-share'), amount: moneyOf(share) },
    ...(writeOff.minor === 0n
      ? []
      : [{ category: settlementConcept('write-off'), ...(reason && { reason }), amount: moneyOf(writeOff) }]),
    { category: adjudicationConcept('benefit', 'Benefit Amount'), amount: moneyOf(paid) },
  ];
}

/** Claim adjustment reason codes. */
const CARC = 'https://x12.org/codes/claim-adjustment-reason-codes';

const adjudicationConcept = (code: string, display: string): CodeableConcept => ({
  coding: [{ system: `${HL7}/adjudication`, code, display }],
});
