import { newUid, urnOfUid } from '@maxray/dicom-bridge/uid';
import { fhirError } from '../../fhir/outcome.ts';
import { OvertakenError } from '../../store/postgres/failures.ts';
import type { NumberKind, OrderNumber, OrderNumbers } from '../../store/orders/orderNumbers.ts';
import { accessionNumber } from './accessionNumber.ts';
import { ACCESSION_SYSTEM, NAMES, UID_SYSTEM, type CarriedNumber } from './identifiers.ts';

/** A number that an order has not yet. */
export interface WantedNumber {
  order: string;
  kind: NumberKind;
  /** What it brings along; absent: it gets one. */
  carried?: CarriedNumber;
}

/** How often other numbers are tried because orders have brought along those that came next: each time twice as many are passed over. */
const TRIES_MAX = 20;

/**
 * Takes for orders the numbers that they bring along, and gives them those that they lack.
 *
 * @returns all of them, in no particular order
 * @throws FhirError `conflict` where another order has a number that one brings along; OvertakenError where another gives the same order numbers
 */
export async function takeNumbers(
  numbers: OrderNumbers,
  wanted: readonly WantedNumber[],
): Promise<OrderNumber[]> {
  const done: OrderNumber[] = [];
  let open = wanted;
  for (let tries = 0; open.length > 0; tries += 1) {
    if (tries === TRIES_MAX) throw noneFree();
    const proposed = await propose(numbers, open, 2 ** tries);
    const refused = new Set(await numbers.take(proposed));
    done.push(...proposed.filter((number) => !refused.has(number)));
    open = open.filter((_, i) => refused.has(proposed[i]!));
    if (open.length > 0) await explain(numbers, open);
  }
  return done;
}

/** @param stride how many serial numbers are used up for each that is proposed */
async function propose(
  numbers: OrderNumbers,
  wanted: readonly WantedNumber[],
  stride: number,
): Promise<OrderNumber[]> {
  const lacking = wanted.filter(({ kind, carried }) => kind === 'accession' && !carried).length;
  const serials = lacking === 0 ? [] : await numbers.next(lacking * stride);
  return wanted.map(({ order, kind, carried }) => {
    if (carried) return { order, kind, system: carried.system, value: carried.value };
    if (kind === 'study') return { order, kind, system: UID_SYSTEM, value: urnOfUid(newUid()) };
    const { site, serial } = serials.pop()!; // the highest first: behind those that are passed over
    return { order, kind, system: ACCESSION_SYSTEM, value: accessionNumber(site, serial) };
  });
}

/** Returns where other numbers will do. */
async function explain(numbers: OrderNumbers, refused: readonly WantedNumber[]): Promise<void> {
  const has = await numbers.of(refused.map(({ order }) => order));
  const isOvertaken = refused.some(({ order, kind }) =>
    has.some((one) => one.order === order && one.kind === kind),
  );
  if (isOvertaken) throw new OvertakenError();
  const carried = refused.find((one) => one.carried);
  if (carried) throw taken(carried.kind, carried.carried!.expression);
}

const taken = (kind: NumberKind, expression: string) =>
  fhirError(
    'conflict',
    'duplicate',
    `Another order has this ${NAMES[kind]}, or had it: send the order's own, or leave it out to be given one.`,
    expression,
  );

const noneFree = () =>
  fhirError(
    'busy',
    'transient',
    'The accession numbers that come next are taken by orders that brought them along; nothing was stored. Try again.',
  );
