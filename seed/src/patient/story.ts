import type { Condition, Encounter, Patient, Reference, Resource } from '@medplum/fhirtypes';
import type { IllnessKey } from '../codes/conditions.ts';
import type { Code } from '../kit/concept.ts';
import { house } from '../kit/concept.ts';
import { refer } from '../kit/bundle.ts';
import type { Random } from '../kit/random.ts';
import type { Member } from '../clinic/staff.ts';
import { displayName } from './names.ts';
import type { Person } from './person.ts';

/** Every demo resource carries it, so that `_tag=demo` finds them all. */
export const DEMO_TAG: Code = house('tag', 'demo', 'Demo data');

/** Something that a visit costs. */
export interface Charge {
  code: Code;
  cents: number;
  /** Reference to what was done: Procedure, DiagnosticReport, MedicationDispense, ... */
  service?: string;
}

/** One meeting of patient and clinic; everything that happened in it refers to its encounter. */
export interface Visit {
  encounter: Reference<Encounter>;
  kind: 'clinic' | 'virtual' | 'emergency';
  startMs: number;
  endMs: number;
  doctor: Member;
  charges: Charge[];
}

/** A patient's year while it is being written. */
export interface Story {
  readonly person: Person;
  readonly random: Random;
  readonly subject: Reference<Patient>;
  /** The year of care. */
  readonly startMs: number;
  readonly untilMs: number;
  readonly resources: Resource[];
  readonly visits: Visit[];
  /** The long-lasting illnesses, as recorded. */
  readonly conditions: Map<IllnessKey, Reference<Condition>>;
  /** The next readable id of a kind, e.g. `demo-07-visit-2`. */
  id(kind: string): string;
  /** Keeps a resource and says how to refer to it. */
  add<T extends Resource>(resource: T): Reference<T>;
}

/** An empty story. */
export function beginStory(person: Person, random: Random, startMs: number, untilMs: number): Story {
  const counts = new Map<string, number>();
  const resources: Resource[] = [];
  return {
    person,
    random,
    startMs,
    untilMs,
    resources,
    visits: [],
    conditions: new Map(),
    subject: patientReference(person),
    id: (kind) => {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      return `${person.prefix}-${kind}-${count}`;
    },
    add: <T extends Resource>(resource: T): Reference<T> => {
      resources.push(tagged(resource));
      return refer<T>(resource.resourceType as T['resourceType'], resource.id as string);
    },
  };
}

/** The resource with the demo tag. */
export function tagged<T extends Resource>(resource: T): T {
  return { ...resource, meta: { ...resource.meta, tag: [DEMO_TAG] } };
}

/** `Patient/demo-patient-07` and the patient's name. */
export function patientReference(person: Person): Reference<Patient> {
  return refer('Patient', `demo-patient-${person.prefix.slice(5)}`, displayName(person.name));
}
