import { fhirError } from '../../fhir/outcome.ts';
import type { NumberKind, OrderNumber, OrderNumbers } from '../../store/orders/orderNumbers.ts';
import { carriedNumbers, NAMES, withNumbers, type CarriedNumber } from '../orders/identifiers.ts';
import { isImagingOrder, isOver, mayHaveNumbers } from '../orders/imagingOrder.ts';
import { takeNumbers, type WantedNumber } from '../orders/takeNumbers.ts';
import type { IncomingResource } from '../prepare.ts';
import type { Wished } from './allowedWrites.ts';
import { targetId } from './settled.ts';
import { expressionOf } from './types.ts';

const KINDS: readonly NumberKind[] = ['accession', 'study'];

/** An order that a transaction writes. */
interface WrittenOrder {
  operation: number;
  id: string;
  resource: IncomingResource;
  /** FHIRPath of the resource. */
  at: string;
  /** It was not there before, under this id. */
  isNew: boolean;
  /** A patch takes away what it names; another write may just not know of it. */
  isPatch: boolean;
}

/**
 * Gives the imaging orders of a transaction their accession numbers and Study Instance UIDs. An order keeps those that it has, or brings along: they
 * stand on images by then. What a write does not carry is put back. An order that is over gets none.
 *
 * @returns the resources of all operations, to be written
 * @throws FhirError `unprocessable` for a number that is changed or taken away, or that DICOM cannot carry; `conflict` for one of another order;
 *   OvertakenError
 */
export async function numberOrders(
  numbers: OrderNumbers,
  wished: Wished,
): Promise<readonly (IncomingResource | undefined)[]> {
  const orders = writtenOrders(wished);
  if (orders.length === 0) return wished.resources;
  const old = orders.filter(({ isNew }) => !isNew);
  const known = Map.groupBy(await numbers.of(old.map(({ id }) => id)), ({ order }) => order);
  const added = new Map<string, OrderNumber[]>();
  const wanted: WantedNumber[] = [];
  for (const order of orders) {
    const compared = compare(order, known.get(order.id) ?? []);
    added.set(order.id, compared.missing);
    wanted.push(...compared.wanted);
  }
  const isIssued = new Set(wanted.filter(({ carried }) => !carried).map(nameOf));
  for (const number of await takeNumbers(numbers, wanted))
    if (isIssued.has(nameOf(number))) added.get(number.order)!.push(number);
  const resources = [...wished.resources];
  for (const { operation, id, resource } of orders)
    resources[operation] = withNumbers(resource, added.get(id)!);
  return resources;
}

const nameOf = ({ order, kind }: Pick<OrderNumber, 'order' | 'kind'>) => `${kind} ${order}`;

function writtenOrders({ operations, settled, resources }: Wished): WrittenOrder[] {
  return resources.flatMap((resource, operation) => {
    const one = settled[operation]!;
    const id = targetId(one);
    const kind = one.does === 'create' ? 'create' : 'update';
    if (!resource || id === undefined || !mayHaveNumbers(kind, resource.value)) return [];
    const at = expressionOf(operations[operation]!, 'resource') ?? resource.value.resourceType;
    return [{ operation, id, resource, at, isNew: kind === 'create', isPatch: one.does === 'patch' }];
  });
}

/** @returns numbers that the order has and the write lacks, and those that it is to get @throws FhirError `unprocessable` */
function compare(
  { id, resource: { value }, at, isPatch }: WrittenOrder,
  known: readonly OrderNumber[],
): { missing: OrderNumber[]; wanted: WantedNumber[] } {
  const isOrdered = isImagingOrder(value);
  if (known.length === 0 && !isOrdered) return { missing: [], wanted: [] };
  const carried = carriedNumbers(value, at);
  const missing: OrderNumber[] = [];
  const wanted: WantedNumber[] = [];
  for (const kind of KINDS) {
    const sent = carried[kind];
    const had = known.find((one) => one.kind === kind);
    if (!had && isOrdered && (sent || !isOver(value)))
      wanted.push({ order: id, kind, ...(sent && { carried: sent }) });
    if (!had) continue;
    if (sent && !isSame(sent, had)) throw changed(kind, sent.expression);
    if (!sent && isPatch) throw changed(kind, `${at}.identifier`);
    if (!sent) missing.push(had);
  }
  return { missing, wanted };
}

const isSame = (one: CarriedNumber, other: OrderNumber): boolean =>
  one.system === other.system && one.value === other.value;

const changed = (kind: NumberKind, expression: string) =>
  fhirError(
    'unprocessable',
    'business-rule',
    `The ${NAMES[kind]} of an order never changes, since images carry it: leave it as it is, or make another order.`,
    expression,
  );
