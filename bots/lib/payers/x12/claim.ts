import type { ClaimItem, CodeableConcept } from '@medplum/fhirtypes';
import { adjudicated, type OpenLine } from '../../bills/adjudication.ts';
import { hasSettlementCode, type SettlementCode } from '../../bills/settlementCodes.ts';
import { amountOf, negative, sum, textOf, type Amount } from '../../money/money.ts';
import { PayerRefusal, type ClaimDossier, type EarlierDecision } from '../payer.ts';
import { ccyymmdd, components, dateAndTime, value, type Partners, type Segment } from './interchange.ts';
import {
  addressSegments,
  demographics,
  insured,
  npiOf,
  organizationName,
  payerIdOf,
  personName,
  taxIdOf,
} from './parties.ts';

const PROCEDURES = new Set([
  'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  'http://www.ama-assn.org/go/cpt',
]);
const DIAGNOSES = 'http://hl7.org/fhir/sid/icd-10-cm';
/** Sequence of insurers: primary, secondary, tertiary, unknown. */
const ORDER = ['P', 'S', 'T'];
/** Place of service where the claim does not say: office. */
const OFFICE = '11';
/** Most service lines of a claim (LX), and most diagnoses (HI). */
const LINES_MAX = 50;
const DIAGNOSES_MAX = 12;
/** Frequencies (CLM05-3). */
const ORIGINAL = '1';
const REPLACEMENT = '7';
const VOID = '8';

/** The segments of an 837P. @throws PayerRefusal where the claim lacks what X12 needs */
export function professionalClaim(dossier: ClaimDossier, partners: Partners, timeMs: number): Segment[] {
  const { claim, number, insurer, provider, patient, earlier } = dossier;
  const { subscriber, member, relationship } = insured(dossier);
  const isSelf = relationship === '18';
  const { date, time } = dateAndTime(timeMs);
  const sequence = ORDER[earlier.length] ?? 'U';
  const before = earlierLines(dossier);
  const group = value(
    dossier.coverage.class?.find(({ type }) => type.coding?.[0]?.code === 'group')?.value,
    50,
  );
  return [
    ['BHT', '0019', '00', value(number, 50), date, time, 'CH'],
    ['NM1', '41', '2', organizationName(provider), '', '', '', '', '46', value(partners.sender)],
    ['PER', 'IC', organizationName(provider), ...contact(dossier)],
    ['NM1', '40', '2', organizationName(insurer), '', '', '', '', '46', value(partners.receiver)],
    ['HL', '1', '', '20', '1'],
    ['NM1', '85', '2', organizationName(provider), '', '', '', '', 'XX', npiOf(provider)],
    ...addressSegments(provider.address),
    ['REF', 'EI', taxIdOf(provider)],
    ['HL', '2', '1', '22', isSelf ? '0' : '1'],
    ['SBR', sequence, isSelf ? '18' : '', group, '', '', '', '', '', 'CI'],
    personName('IL', subscriber.name, member),
    ...(isSelf ? [...addressSegments(subscriber.address), ...demographics(subscriber)] : []),
    ['NM1', 'PR', '2', organizationName(insurer), '', '', '', '', 'PI', value(payerIdOf(insurer))],
    ...(isSelf
      ? []
      : ([
          ['HL', '3', '2', '23', '0'],
          ['PAT', relationship],
          personName('QC', patient.name),
          ...addressSegments(patient.address),
          ...demographics(patient),
        ] satisfies Segment[])),
    claimSegment(dossier),
    ...(dossier.replaces ? [['REF', 'F8', value(dossier.replaces, 50)] satisfies Segment] : []),
    diagnoses(dossier),
    ...earlier.flatMap((decision, index) => otherInsurer(decision, index, before[index]!)),
    ...lines(claim.item ?? []).flatMap((item, index) => serviceLine(dossier, item, index, before)),
  ];
}

function contact({ provider }: ClaimDossier): string[] {
  const phone = provider.telecom?.find(({ system }) => system === 'phone')?.value?.replace(/\D/g, '');
  if (!phone)
    throw new PayerRefusal(`${provider.name ?? 'The provider'} has no phone number, which X12 needs.`);
  return ['TE', phone];
}

function claimSegment({ claim, number, replaces }: ClaimDossier): Segment {
  const place = claim.item?.[0]?.locationCodeableConcept?.coding?.[0]?.code ?? OFFICE;
  const frequency = claim.status === 'cancelled' ? VOID : replaces === undefined ? ORIGINAL : REPLACEMENT;
  const total = x12Amount(amountOf(claim.total!));
  return [
    'CLM',
    value(number, 38),
    total,
    '',
    '',
    components(value(place), 'B', frequency),
    'Y',
    'A',
    'Y',
    'Y',
  ];
}

function diagnoses({ claim }: ClaimDossier): Segment {
  const codes = (claim.diagnosis ?? []).flatMap(
    ({ diagnosisCodeableConcept: { coding = [] } = {} }) =>
      coding.find(({ system }) => system === DIAGNOSES)?.code?.replace('.', '') ?? [],
  );
  if (codes.length === 0)
    throw new PayerRefusal('The visit has no diagnosis coded in ICD-10-CM, which a claim by X12 needs.');
  const [first, ...others] = codes.slice(0, DIAGNOSES_MAX);
  return ['HI', components('ABK', value(first)), ...others.map((code) => components('ABF', value(code)))];
}

function lines(items: readonly ClaimItem[]): readonly ClaimItem[] {
  if (items.length > LINES_MAX) throw new PayerRefusal(`A claim by X12 has at most ${LINES_MAX} lines.`);
  return items;
}

function serviceLine(
  { claim }: ClaimDossier,
  item: ClaimItem,
  index: number,
  before: readonly ReadonlyMap<number, EarlierLine>[],
): Segment[] {
  const count = Math.min(4, claim.diagnosis?.length ?? 1);
  const pointers = components(...Array.from({ length: count }, (_, i) => String(i + 1)));
  const period = item.servicedPeriod;
  const from = ccyymmdd(item.servicedDate ?? period?.start ?? claim.billablePeriod?.start ?? claim.created);
  const to = ccyymmdd(period?.end ?? item.servicedDate ?? from);
  const when: Segment = from === to ? ['DTP', '472', 'D8', from] : ['DTP', '472', 'RD8', `${from}-${to}`];
  const quantity = String(item.quantity?.value ?? 1);
  const procedure = procedureOf(item.productOrService);
  return [
    ['LX', String(index + 1)],
    ['SV1', procedure, x12Amount(amountOf(item.net!)), 'UN', quantity, '', '', pointers],
    when,
    ['REF', '6R', String(item.sequence)],
    ...before.flatMap((decided) => {
      const earlier = decided.get(item.sequence);
      return earlier ? earlierLine(earlier, procedure, quantity) : [];
    }),
  ];
}

function procedureOf({ coding = [], text }: CodeableConcept): string {
  const code = coding.find(({ system }) => PROCEDURES.has(system ?? ''))?.code;
  if (!code)
    throw new PayerRefusal(
      `The charge ${text ?? coding[0]?.code ?? ''} has no HCPCS or CPT code, which X12 needs.`,
    );
  return components('HC', value(code));
}

/** What an insurer that comes before has decided about one line. */
interface EarlierLine {
  insurer: EarlierDecision['insurer'];
  benefit: Amount;
  writeOff: Amount;
  /** What was left for whoever comes next. */
  rest: Amount;
  date: string;
}

/** For each insurer that comes before, in their order, what it decided about each line, by sequence. */
function earlierLines({ claim, earlier }: ClaimDossier): Map<number, EarlierLine>[] {
  let lines: OpenLine[] = (claim.item ?? []).map(({ sequence, net }) => {
    const price = amountOf(net!);
    return { sequence, price, open: price, settled: [] };
  });
  return earlier.map(({ insurer, answer }) => {
    const before = lines;
    lines = adjudicated(before, answer, insurer.name ?? 'the insurer');
    const decided = lines.map((line, index): [number, EarlierLine] => {
      const added = line.settled.slice(before[index]!.settled.length);
      const taken = (code: SettlementCode): Amount => {
        const parts = added.filter((part) => hasSettlementCode(part.code, code));
        return sum(
          parts.map(({ amount }) => negative(amountOf(amount!))),
          line.price.currency,
        );
      };
      const date = ccyymmdd(answer.payment?.date ?? answer.created);
      return [
        line.sequence,
        { insurer, benefit: taken('benefit'), writeOff: taken('write-off'), rest: line.open, date },
      ];
    });
    return new Map(decided);
  });
}

/** Loop 2320: an insurer that comes before, and what it has paid. */
function otherInsurer(
  { coverage, insurer }: EarlierDecision,
  index: number,
  decided: ReadonlyMap<number, EarlierLine>,
): Segment[] {
  const benefits = [...decided.values()].map(({ benefit }) => benefit);
  const member = coverage.subscriberId ?? coverage.identifier?.[0]?.value ?? '';
  return [
    ['SBR', ORDER[index] ?? 'U', '18', '', '', '', '', '', '', 'CI'],
    ['AMT', 'D', x12Amount(sum(benefits, benefits[0]!.currency))],
    ['OI', '', '', 'Y', '', '', 'Y'],
    [
      'NM1',
      'IL',
      '1',
      value(coverage.subscriber?.display ?? 'SUBSCRIBER', 60),
      '',
      '',
      '',
      '',
      'MI',
      value(member),
    ],
    ['NM1', 'PR', '2', organizationName(insurer), '', '', '', '', 'PI', value(payerIdOf(insurer))],
  ];
}

/** Loop 2430: the same of a line, with what was left of it and why. */
function earlierLine(
  { insurer, benefit, writeOff, rest, date }: EarlierLine,
  procedure: string,
  quantity: string,
): Segment[] {
  return [
    ['SVD', value(payerIdOf(insurer)), x12Amount(benefit), procedure, '', quantity],
    ...(writeOff.minor > 0n ? [['CAS', 'CO', '45', x12Amount(writeOff)] satisfies Segment] : []),
    ...(rest.minor > 0n ? [['CAS', 'PR', '2', x12Amount(rest)] satisfies Segment] : []),
    ['DTP', '573', 'D8', date],
  ];
}

/** A decimal without needless zeros: `84.5`, `20`. */
export const x12Amount = (amount: Amount): string =>
  textOf(amount)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
