import type {
  ClaimResponse,
  ClaimResponseItemAdjudication,
  InvoiceLineItem,
  InvoiceLineItemPriceComponent,
} from '@medplum/fhirtypes';
import { amountOf, minus, moneyOf, plus, zero, type Amount } from '../money/money.ts';
import { linePrice } from './invoice.ts';
import { hasSettlementCode, isSettlement, settlementConcept } from './settlementCodes.ts';

const ADJUDICATION = 'http://terminology.hl7.org/CodeSystem/adjudication';
/** The patient's liability as CARIN's guide for Blue Button codes it. */
const CARIN = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication|memberliability';

/** A line of a bill while its insurers decide one after the other. */
export interface OpenLine {
  sequence: number;
  price: Amount;
  /** What nobody has taken over yet. */
  open: Amount;
  settled: InvoiceLineItemPriceComponent[];
}

/** An answer whose amounts contradict each other, or the claim. */
export class AdjudicationFault extends Error {}

/** The lines before any insurer has decided. */
export function openLines(lines: readonly InvoiceLineItem[]): OpenLine[] {
  return lines.map((line) => {
    const price = linePrice(line);
    return { sequence: line.sequence!, price, open: price, settled: [] };
  });
}

/** What an insurer decided about an amount. */
interface Decision {
  benefit: Amount;
  /** What is left to the patient, where the insurer says it. */
  patientShare?: Amount;
  /** What it takes as the price, where it says it. */
  eligible?: Amount;
}

/**
 * The lines after an insurer's decision. What is left to pay is what the insurer names as the patient's share; else what it
 * takes as the price less what it pays, where it pays or takes a price; else all that it does not pay.
 *
 * @param name of the insurer, for people
 * @throws AdjudicationFault where it pays more than is open, or decides about some of the lines only
 */
export function adjudicated(lines: readonly OpenLine[], response: ClaimResponse, name: string): OpenLine[] {
  if (response.item === undefined || response.item.length === 0) return asAWhole(lines, response, name);
  const isFirst = lines.every(({ settled }) => settled.length === 0);
  return lines.map((line) => {
    const item = response.item!.find(({ itemSequence }) => itemSequence === line.sequence);
    if (item === undefined)
      throw new AdjudicationFault(
        `The answer of ${name} does not say what becomes of line ${line.sequence}.`,
      );
    return settledLine(line, decisionOf(item.adjudication, line.price.currency), isFirst, name);
  });
}

/** Decided about all lines together: taken off line by line. */
function asAWhole(lines: readonly OpenLine[], response: ClaimResponse, name: string): OpenLine[] {
  const parts = response.adjudication ?? response.total;
  if (parts === undefined) throw new AdjudicationFault(`The answer of ${name} has no amounts.`);
  const { currency } = lines[0]!.price;
  const isFirst = lines.every(({ settled }) => settled.length === 0);
  const all = lines.reduce((total, { open }) => plus(total, open), zero(currency));
  const whole = settledLine(
    { sequence: 0, price: all, open: all, settled: [] },
    decisionOf(parts, currency),
    isFirst,
    name,
  );
  let taken = minus(all, whole.open);
  const codes = whole.settled.map(({ code }) => code);
  if (codes.length > 1)
    throw new AdjudicationFault(
      `${name} has decided about the claim as a whole, with a write-off: say it line by line.`,
    );
  return lines.map((line) => {
    const part = taken.minor < line.open.minor ? taken : line.open;
    taken = minus(taken, part);
    if (part.minor === 0n) return line;
    const component = { ...whole.settled[0]!, amount: moneyOf({ ...part, minor: -part.minor }) };
    return { ...line, open: minus(line.open, part), settled: [...line.settled, component] };
  });
}

function settledLine(line: OpenLine, decision: Decision, isFirst: boolean, name: string): OpenLine {
  const { benefit } = decision;
  const rest = minus(line.open, benefit);
  if (benefit.minor < 0n || rest.minor < 0n)
    throw new AdjudicationFault(
      `${name} pays ${benefit.minor < 0n ? 'less than nothing' : 'more than is open'} of a line.`,
    );
  const open = patientShare(line, decision, isFirst);
  if (open.minor < 0n || open.minor > rest.minor)
    throw new AdjudicationFault(
      `${name} leaves the patient more of a line than it does not pay, or less than nothing.`,
    );
  const settled = [...line.settled];
  const take = (code: 'benefit' | 'write-off', amount: Amount, text: string): void => {
    if (amount.minor > 0n)
      settled.push({
        type: code === 'benefit' ? 'deduction' : 'discount',
        code: settlementConcept(code, text),
        amount: moneyOf({ ...amount, minor: -amount.minor }),
      });
  };
  take('benefit', benefit, `Paid by ${name}`);
  take('write-off', minus(rest, open), `Agreed with ${name}`);
  return { ...line, open, settled };
}

function patientShare(
  { open }: OpenLine,
  { benefit, patientShare, eligible }: Decision,
  isFirst: boolean,
): Amount {
  if (patientShare) return patientShare;
  if (isFirst && eligible !== undefined && eligible.minor > 0n) return minus(eligible, benefit);
  return minus(open, benefit);
}

function decisionOf(
  parts: readonly Pick<ClaimResponseItemAdjudication, 'category' | 'amount'>[],
  currency: string,
): Decision {
  const amountWith = (
    isMeant: (part: Pick<ClaimResponseItemAdjudication, 'category'>) => boolean,
  ): Amount | undefined => {
    const meant = parts.filter((part) => part.amount !== undefined && isMeant(part));
    if (meant.length === 0) return undefined;
    return meant.reduce((total, { amount }) => plus(total, amountOf(amount!)), zero(currency));
  };
  const coded = (code: string) => (part: Pick<ClaimResponseItemAdjudication, 'category'>) =>
    part.category.coding?.some((coding) => coding.system === ADJUDICATION && coding.code === code) ?? false;
  const share = amountWith(
    ({ category }) =>
      hasSettlementCode(category, 'patient-share') ||
      (category.coding?.some(({ system, code }) => `${system}|${code}` === CARIN) ?? false),
  );
  const eligible = amountWith(coded('eligible'));
  return {
    benefit: amountWith(coded('benefit')) ?? zero(currency),
    ...(share && { patientShare: share }),
    ...(eligible && { eligible }),
  };
}

/** The lines of the invoice with what the insurers have taken over. */
export function settledLines(
  lines: readonly InvoiceLineItem[],
  open: readonly OpenLine[],
): InvoiceLineItem[] {
  return lines.map((line) => {
    const own = (line.priceComponent ?? []).filter((part) => !isSettlement(part));
    const settled = open.find(({ sequence }) => sequence === line.sequence)?.settled ?? [];
    return { ...line, priceComponent: [...own, ...settled] };
  });
}
