import type {
  CoverageEligibilityResponseInsurance,
  CoverageEligibilityResponseInsuranceItem,
} from '@medplum/fhirtypes';
import { amountFrom, moneyOf } from '../../money/money.ts';
import { PayerFault, type EligibilityAnswer, type EligibilityDossier } from '../payer.ts';
import { ccyymmdd, dateAndTime, value, type Segment, type Transaction } from './interchange.ts';
import { demographics, insured, npiOf, organizationName, payerIdOf, personName } from './parties.ts';

const HL7 = 'http://terminology.hl7.org/CodeSystem';
/** Service type 30: health benefit plan coverage. */
const SERVICE_TYPE = '30';

/** The segments of a 270: is the patient insured, and what is paid? */
export function eligibilityRequest(dossier: EligibilityDossier, timeMs: number): Segment[] {
  const { request, patient, insurer, provider } = dossier;
  const { subscriber, member, relationship } = insured(dossier);
  const { date, time } = dateAndTime(timeMs);
  const trace = value(request.identifier?.[0]?.value ?? request.id, 50);
  const asked: Segment[] = [
    ['DTP', '291', 'D8', ccyymmdd(request.servicedDate ?? request.created)],
    ['EQ', SERVICE_TYPE],
  ];
  const isSelf = relationship === '18';
  const tracing: Segment = ['TRN', '1', trace, `9${npiOf(provider).slice(0, 9)}`];
  return [
    ['BHT', '0022', '13', trace, date, time],
    ['HL', '1', '', '20', '1'],
    ['NM1', 'PR', '2', organizationName(insurer), '', '', '', '', 'PI', value(payerIdOf(insurer))],
    ['HL', '2', '1', '21', '1'],
    ['NM1', '1P', '2', organizationName(provider), '', '', '', '', 'XX', npiOf(provider)],
    ['HL', '3', '2', '22', isSelf ? '0' : '1'],
    ...(isSelf ? [tracing] : []),
    personName('IL', subscriber.name, member),
    ...demographics(subscriber),
    ...(isSelf
      ? asked
      : ([
          ['HL', '4', '3', '23', '0'],
          tracing,
          personName('03', patient.name),
          ...demographics(patient),
          ['INS', 'N', relationship],
          ...asked,
        ] satisfies Segment[])),
  ];
}

/** What EB01 says: 1 to 5 active, 6 to 8 not. */
const ACTIVE = new Set(['1', '2', '3', '4', '5']);
const INACTIVE = new Set(['6', '7', '8']);
const AMOUNTS: Readonly<Record<string, { code: string; display: string }>> = {
  B: { code: 'copay', display: 'Copayment per service' },
  C: { code: 'deductible', display: 'Deductible' },
};

/**
 * What a 271 says. @param currency of the amounts, which X12 does not name
 *
 * @throws PayerFault where it is none, or says nothing of the insurance
 */
export function eligibilityAnswer(transactions: readonly Transaction[], currency: string): EligibilityAnswer {
  const answer = transactions.find(({ code }) => code === '271');
  if (answer === undefined) throw new PayerFault('The insurer does not answer with a 271.');
  const rejections = answer.segments.filter(([tag]) => tag === 'AAA');
  if (rejections.length > 0) {
    return {
      outcome: 'error',
      error: rejections.map(([, , , reason = '']) => ({ code: { text: rejectionText(reason) } })),
    };
  }
  const benefits = answer.segments.filter(([tag]) => tag === 'EB');
  const isActive = benefits.some(([, code = '']) => ACTIVE.has(code));
  const isInactive = benefits.some(([, code = '']) => INACTIVE.has(code));
  if (!isActive && !isInactive) throw new PayerFault('The 271 does not say whether the patient is insured.');
  const item = benefits.flatMap((segment) => benefitItem(segment, currency));
  const insurance: Omit<CoverageEligibilityResponseInsurance, 'coverage'> = {
    inforce: isActive,
    ...(item.length > 0 && { item }),
  };
  return { outcome: 'complete', insurance };
}

function benefitItem(segment: Segment, currency: string): CoverageEligibilityResponseInsuranceItem[] {
  const [, code = '', , , , , , amount = ''] = segment;
  const kind = AMOUNTS[code];
  if (kind === undefined || amount === '') return [];
  return [
    {
      category: { coding: [{ system: `${HL7}/ex-benefitcategory`, code: '1', display: 'Medical Care' }] },
      benefit: [
        {
          type: { coding: [{ system: `${HL7}/benefit-type`, ...kind }] },
          allowedMoney: moneyOf(amountFrom(amount, currency)),
        },
      ],
    },
  ];
}

/** Reject reasons of AAA03 that a clinic meets. */
const REJECTIONS: Readonly<Record<string, string>> = {
  '42': 'The insurer cannot answer now.',
  '43': 'The insurer does not know the provider.',
  '58': 'The date of birth does not fit.',
  '67': 'The insurer does not find the patient.',
  '71': "The patient's date of birth does not match the insurer's.",
  '72': 'The member number is wrong.',
  '73': 'The name does not fit.',
  '75': 'The insurer does not find the subscriber.',
  '76': 'The insurer finds several subscribers.',
};

const rejectionText = (code: string): string =>
  REJECTIONS[code] ?? `The insurer rejects the question (AAA03 ${code}).`;
