import type {
  ChargeItem,
  ChargeItemPerformer,
  DiagnosticReport,
  Encounter,
  ImagingStudy,
  MedicationDispense,
  Patient,
  Reference,
  ServiceRequest,
} from '@medplum/fhirtypes';
import { idOf } from './references.ts';

/** What is charged when it is done. */
export type Service = (Encounter | ImagingStudy | MedicationDispense | DiagnosticReport) & { id: string };
export const SERVICE_TYPES = ['Encounter', 'ImagingStudy', 'MedicationDispense', 'DiagnosticReport'] as const;

/** When a service is charged, and when it turns out not to have been one. */
const STATES: Record<Service['resourceType'], { done: readonly string[]; void: readonly string[] }> = {
  Encounter: { done: ['finished'], void: ['cancelled', 'entered-in-error'] },
  ImagingStudy: { done: ['available'], void: ['cancelled', 'entered-in-error'] },
  MedicationDispense: { done: ['completed'], void: ['cancelled', 'entered-in-error', 'declined', 'stopped'] },
  DiagnosticReport: {
    done: ['final', 'amended', 'corrected', 'appended'],
    void: ['cancelled', 'entered-in-error'],
  },
};
const LABORATORY = 'http://terminology.hl7.org/CodeSystem/v2-0074|LAB';

export const isVoid = ({ resourceType, status }: Service): boolean =>
  STATES[resourceType].void.includes(status);

/** Is it done, and one that is charged? Of reports those of a laboratory are. */
export function isDone(service: Service): boolean {
  if (!STATES[service.resourceType].done.includes(service.status)) return false;
  if (service.resourceType !== 'DiagnosticReport') return true;
  const codings = (service.category ?? []).flatMap(({ coding = [] }) => coding);
  return codings.some(({ system, code }) => `${system}|${code}` === LABORATORY);
}

/** What billing needs to know of a service. */
export interface ServiceFacts {
  patient: Reference<Patient>;
  /** Visit in which it was done, where the service says so. */
  encounter?: Reference<Encounter>;
  /** What it was ordered by, which may name the visit. */
  orders: Reference[];
  occurrence: Pick<ChargeItem, 'occurrenceDateTime' | 'occurrencePeriod'>;
  /** The beginning of that. */
  when: string;
  performer: ChargeItemPerformer[];
}

/** Undefined where it does not say whose it is, or when it was done. */
export function factsOf(service: Service): ServiceFacts | undefined {
  const { subject } = service;
  const facts = partsOf(service);
  if (idOf(subject, 'Patient') === undefined || facts.when === undefined) return undefined;
  const { encounter, when, period, orders = [], performers = [] } = facts;
  return {
    patient: { reference: subject!.reference! },
    ...(idOf(encounter, 'Encounter') !== undefined && { encounter: { reference: encounter!.reference! } }),
    orders: orders.filter((order) => order.reference !== undefined),
    occurrence: period ? { occurrencePeriod: period } : { occurrenceDateTime: when },
    when,
    performer: performers.flatMap((actor) => (actor?.reference ? [{ actor } as ChargeItemPerformer] : [])),
  };
}

interface Parts {
  encounter?: Reference;
  when?: string | undefined;
  period?: ChargeItem['occurrencePeriod'];
  orders?: Reference[];
  performers?: (Reference | undefined)[];
}

function partsOf(service: Service): Parts {
  switch (service.resourceType) {
    case 'Encounter':
      return {
        encounter: { reference: `Encounter/${service.id}` },
        when: service.period?.start,
        period: service.period,
        performers: (service.participant ?? []).map(({ individual }) => individual),
      };
    case 'ImagingStudy':
      return {
        ...(service.encounter && { encounter: service.encounter }),
        when: service.started ?? service.meta?.lastUpdated,
        orders: (service.basedOn ?? []) as Reference[],
        performers: service.interpreter ?? [],
      };
    case 'MedicationDispense':
      return {
        ...(service.context && { encounter: service.context }),
        when: service.whenHandedOver ?? service.whenPrepared ?? service.meta?.lastUpdated,
        orders: (service.authorizingPrescription ?? []) as Reference[],
        performers: (service.performer ?? []).map(({ actor }) => actor),
      };
    case 'DiagnosticReport':
      return {
        ...(service.encounter && { encounter: service.encounter }),
        when: service.effectiveDateTime ?? service.effectivePeriod?.start ?? service.issued,
        orders: (service.basedOn ?? []) as Reference<ServiceRequest>[],
        performers: service.performer ?? [],
      };
  }
}
