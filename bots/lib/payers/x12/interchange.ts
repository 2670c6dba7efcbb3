import { createHash } from 'node:crypto';
import x12 from 'node-x12';
import { PayerFault } from '../payer.ts';

/** Who sends to whom, as ISA and GS name them. */
export interface Partners {
  sender: string;
  receiver: string;
  /** `T`: a test, which nobody pays for. */
  usage: 'P' | 'T';
}

/** A kind of transaction: its code, that of its functional group, and the implementation guide (version of 5010). */
export interface TransactionKind {
  code: '270' | '271' | '837' | '835' | '999';
  group: 'HS' | 'HB' | 'HC' | 'HP' | 'FA';
  guide: string;
}

export const KINDS = {
  eligibilityRequest: { code: '270', group: 'HS', guide: '005010X279A1' },
  eligibilityResponse: { code: '271', group: 'HB', guide: '005010X279A1' },
  claim: { code: '837', group: 'HC', guide: '005010X222A1' },
  remittance: { code: '835', group: 'HP', guide: '005010X221A1' },
  acknowledgement: { code: '999', group: 'FA', guide: '005010X231A1' },
} as const satisfies Record<string, TransactionKind>;

/** A segment: its tag, then its elements; components of an element are joined by `:`. */
export type Segment = readonly [tag: string, ...elements: string[]];

export interface Transaction {
  code: string;
  segments: Segment[];
}

/** Characters that structure an interchange; none of them may stand in a value. */
const DELIMITERS = { element: '*', segment: '~', component: ':', repetition: '^' } as const;
const IDENTIFIER_LENGTH = 15;
const CONTROL_NUMBERS = 999_999_999;
const TRANSACTION_NUMBER = '0001';

/**
 * One interchange with one transaction. The same key and time give the same bytes: who gets them twice knows it by the control number.
 *
 * @param key what is sent @param timeMs when it was made, milliseconds since 1970 UTC
 */
export function interchange(
  kind: TransactionKind,
  segments: readonly Segment[],
  { sender, receiver, usage }: Partners,
  { key, timeMs }: { key: string; timeMs: number },
): string {
  const control = controlNumber(key);
  const { date, time } = dateAndTime(timeMs);
  const whole = new x12.X12Interchange({
    elementDelimiter: DELIMITERS.element,
    segmentTerminator: DELIMITERS.segment,
    subElementDelimiter: DELIMITERS.component,
    endOfLine: '\n',
    format: true,
  });
  const party = (id: string): [string, string] => [
    'ZZ',
    value(id).padEnd(IDENTIFIER_LENGTH).slice(0, IDENTIFIER_LENGTH),
  ];
  const blank = ' '.repeat(10);
  const [from, to] = [party(sender), party(receiver)];
  const version = [
    DELIMITERS.repetition,
    '00501',
    control.padStart(9, '0'),
    '0',
    usage,
    DELIMITERS.component,
  ];
  whole.setHeader(['00', blank, '00', blank, ...from, ...to, date.slice(2), time, ...version]);
  const group = whole.addFunctionalGroup();
  group.setHeader([kind.group, value(sender), value(receiver), date, time, control, 'X', kind.guide]);
  const transaction = group.addTransaction();
  transaction.setHeader([kind.code, TRANSACTION_NUMBER, kind.guide]);
  for (const [tag, ...elements] of segments) transaction.addSegment(tag, withoutEmptyEnd(elements));
  return whole.toString();
}

/**
 * Reads one or more interchanges.
 *
 * @throws PayerFault where the text is none, or its counts do not agree
 */
export function readInterchange(text: string): Transaction[] {
  try {
    const parsed = new x12.X12Parser(true).parse(text.trim());
    const wholes = 'interchanges' in parsed ? parsed.interchanges : [parsed];
    return wholes.flatMap(({ functionalGroups }) =>
      functionalGroups.flatMap(({ transactions }) =>
        transactions.map((transaction) => ({
          code: transaction.header.elements[0]?.value ?? '',
          segments: transaction.segments.map(({ tag, elements }): Segment => [
            tag,
            ...elements.map((element) => element.value ?? ''),
          ]),
        })),
      ),
    );
  } catch (error) {
    throw new PayerFault(`The insurer's answer is no X12 interchange: ${(error as Error).message}`);
  }
}

/** A value as it may stand in an element: no delimiters, no control characters. */
export function value(text: string | undefined, lengthMax = 80): string {
  return (text ?? '')
    .replace(/[*~:^\p{C}]/gu, ' ')
    .replace(/ +/g, ' ')
    .trim()
    .slice(0, lengthMax);
}

export const components = (...parts: string[]): string => parts.join(DELIMITERS.component).replace(/:+$/, '');
export const componentsOf = (element = ''): string[] => element.split(DELIMITERS.component);

/** `20261122` and `1230`, UTC. */
export function dateAndTime(timeMs: number): { date: string; time: string } {
  const text = new Date(timeMs).toISOString();
  return { date: text.slice(0, 10).replaceAll('-', ''), time: text.slice(11, 16).replace(':', '') };
}

/** A FHIR date or dateTime as CCYYMMDD. */
export const ccyymmdd = (date: string): string => date.slice(0, 10).replaceAll('-', '');
/** The reverse; undefined where it is none. */
export const fhirDate = (text = ''): string | undefined =>
  /^\d{8}$/.test(text) ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : undefined;

/** Derived from what is sent: 1 to 999,999,999. */
function controlNumber(key: string): string {
  const digest = createHash('sha256').update(key).digest();
  return String((digest.readUIntBE(0, 6) % CONTROL_NUMBERS) + 1);
}

function withoutEmptyEnd(elements: readonly string[]): string[] {
  const last = elements.findLastIndex((element) => element !== '');
  return elements.slice(0, last + 1);
}
