import type { MedplumClient } from '@medplum/core';
import type {
  Appointment,
  Device,
  Encounter,
  Patient,
  Practitioner,
  Procedure,
  Reference,
  Resource,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes';
import { isCapture, isOpen, unitOf } from '../capture/captureTask.ts';

/** An order for images that are still to be made, with what it refers to. */
export interface ScheduledOrder {
  order: ServiceRequest;
  patient: Patient;
  /** X-ray units that are to do it; none: any may. */
  devices: Device[];
  performers: Practitioner[];
  requester?: Practitioner;
  encounter?: Encounter;
  appointment?: Appointment;
  /** Tasks by which its units were asked, that are not over; none: they are performers of the order. */
  captures: Task[];
  isStarted: boolean;
}

const IMAGING = 'http://snomed.info/sct|363679005';
const ORDERS_PER_PAGE = 250;
const INCLUDED = ['subject', 'performer', 'requester', 'encounter'];
const ITERATED = ['PractitionerRole:practitioner', 'Task:owner'];
const REFERRING = ['Appointment:based-on', 'Procedure:based-on', 'Task:focus'];
/** An Appointment that will not take place says nothing of when. */
const OFF: readonly string[] = ['cancelled', 'noshow', 'entered-in-error'];

/**
 * The orders on which images are still to be made: active ones without a procedure that is completed. Where units were asked by Tasks, the order is for
 * those whose Task is not over, and for nobody when all are.
 *
 * @param identifier of the orders, as search has it; absent: all
 * @param signal ends it between two pages
 * @throws what a request of the client rejects with
 */
export async function* scheduledOrders(
  medplum: MedplumClient,
  identifier: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<ScheduledOrder> {
  const query = new URLSearchParams({
    category: IMAGING,
    status: 'active',
    intent: 'order',
    _count: String(ORDERS_PER_PAGE),
    _total: 'none',
  });
  if (identifier !== undefined) query.set('identifier', identifier);
  for (const name of INCLUDED) query.append('_include', `ServiceRequest:${name}`);
  for (const name of ITERATED) query.append('_include:iterate', name);
  for (const name of REFERRING) query.append('_revinclude', name);
  const pages = medplum.searchResourcePages('ServiceRequest', query, { cache: 'reload' });
  for await (const page of pages) {
    if (signal.aborted) return;
    yield* ordersOf(page);
  }
}

function* ordersOf(page: readonly Resource[]): Generator<ScheduledOrder> {
  const byReference = new Map(page.map((one) => [`${one.resourceType}/${one.id}`, one]));
  const followed = (reference: Reference | undefined): Resource | undefined => {
    const found = byReference.get(reference?.reference ?? '');
    return found?.resourceType === 'PractitionerRole' ? followed(found.practitioner) : found;
  };
  const appointments = byOrder(ofType(page, 'Appointment'));
  const procedures = byOrder(ofType(page, 'Procedure'));
  const tasks = Map.groupBy(ofType(page, 'Task'), ({ focus }) => focus?.reference);
  for (const order of ofType(page, 'ServiceRequest')) {
    const patient = followed(order.subject);
    const done = procedures.get(`ServiceRequest/${order.id}`) ?? [];
    if (patient?.resourceType !== 'Patient' || order.doNotPerform === true) continue;
    if (done.some(({ status }) => status === 'completed')) continue;
    const performers = (order.performer ?? []).flatMap((one) => followed(one) ?? []);
    const captures = openCaptures(tasks.get(`ServiceRequest/${order.id}`) ?? [], order);
    const devices = captures ? unitsOf(captures, byReference) : ofType(performers, 'Device');
    if (captures && devices.length === 0) continue;
    const [requester, encounter] = [followed(order.requester), followed(order.encounter)];
    const appointment = nextOf(appointments.get(`ServiceRequest/${order.id}`) ?? []);
    yield {
      order,
      patient,
      devices,
      performers: ofType(performers, 'Practitioner'),
      ...(requester?.resourceType === 'Practitioner' && { requester }),
      ...(encounter?.resourceType === 'Encounter' && { encounter }),
      ...(appointment && { appointment }),
      captures: captures ?? [],
      isStarted: done.some(({ status }) => status === 'in-progress'),
    };
  }
}

const ofType = <T extends Resource['resourceType']>(all: readonly Resource[], type: T) =>
  all.filter((one): one is Extract<Resource, { resourceType: T }> => one.resourceType === type);

/** Those by which units are asked now; undefined where none ever was. */
function openCaptures(tasks: readonly Task[], { subject }: ServiceRequest): Task[] | undefined {
  const captures = tasks.filter((task) => isCapture(task, subject.reference));
  return captures.length > 0 ? captures.filter(isOpen) : undefined;
}

/** Each once. */
function unitsOf(captures: readonly Task[], byReference: ReadonlyMap<string, Resource>): Device[] {
  const references = new Set(captures.map((task) => unitOf(task)!));
  return ofType(
    [...references].flatMap((reference) => byReference.get(reference) ?? []),
    'Device',
  );
}

/** What is based on an order, by its reference. */
function byOrder<T extends Appointment | Procedure>(all: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    for (const { reference = '' } of one.basedOn ?? []) {
      found.set(reference, [...(found.get(reference) ?? []), one]);
    }
  }
  return found;
}

/** The last to begin of those that will take place: one that was moved has been replaced by a later one. */
function nextOf(appointments: readonly Appointment[]): Appointment | undefined {
  const to = appointments.filter(({ status, start }) => start !== undefined && !OFF.includes(status));
  return to.toSorted((a, b) => Date.parse(b.start!) - Date.parse(a.start!))[0];
}
