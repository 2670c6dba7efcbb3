import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import type { Bindings } from './bindings.ts';
import { createRandom } from './random.ts';
import { resourceMaker, type ResourceJson } from './resource.ts';

/** One step of filling the server; the last one of a resource says what it is in the end. */
export type Write = { kind: 'put'; resource: ResourceJson } | { kind: 'delete'; type: string; id: string };

/** Types that searching is richest on, each with how many there are. */
const TYPES: readonly (readonly [string, number])[] = [
  ['Patient', 26],
  ['Practitioner', 10],
  ['PractitionerRole', 6],
  ['RelatedPerson', 6],
  ['Organization', 14],
  ['Location', 18],
  ['Encounter', 16],
  ['Observation', 44],
  ['Condition', 14],
  ['Procedure', 10],
  ['Medication', 6],
  ['MedicationRequest', 12],
  ['DiagnosticReport', 12],
  ['ServiceRequest', 12],
  ['Appointment', 10],
  ['List', 14],
  ['Questionnaire', 10],
  ['QuestionnaireResponse', 10],
  ['ValueSet', 10],
  ['CodeSystem', 6],
  ['Group', 10],
  ['CareTeam', 8],
  ['Provenance', 12],
  ['Communication', 10],
  ['RiskAssessment', 14],
  ['Device', 8],
  ['DocumentReference', 10],
  ['ImagingStudy', 6],
  ['Task', 10],
  ['PlanDefinition', 6],
  ['MolecularSequence', 8],
  ['ChargeItem', 8],
];
/** Types that have no resources of their own in a search: containers, raw content, and AuditEvent, of which searches ask the audit log. */
const UNUSED = new Set(['AuditEvent', 'Binary', 'Bundle', 'Parameters']);
/** The other types take turns: every so many worlds have all of them. */
const TURNS = 8;
/** Resources of each of the types whose turn it is. */
const FURTHER_EACH = 5;

/** What is written into a server for one world; equal seeds give equal worlds. */
export function createWorld(definitions: Definitions, bindings: Bindings, seed: number): Write[] {
  const random = createRandom(`world ${seed}`);
  const plan = planOf(definitions, seed);
  const made = resourceMaker({ definitions, bindings, plan });
  const make = (...of: Parameters<typeof made>) => storable(made(...of));
  const writes: Write[] = [];
  for (const [type, ids] of plan) {
    for (const id of ids) {
      if (random.chance(0.08)) writes.push({ kind: 'put', resource: make(random, type, id) });
      if (random.chance(0.02)) writes.push({ kind: 'delete', type, id });
      writes.push({ kind: 'put', resource: make(random, type, id) });
      if (random.chance(0.02)) writes.push({ kind: 'delete', type, id });
    }
  }
  return writes;
}

/** A Subscription that is not off must ask for something that there is. */
function storable<R extends { resourceType: string }>(resource: R): R {
  return resource.resourceType === 'Subscription' ? { ...resource, status: 'off' } : resource;
}

/** Ids repeat among the types, because a reference by a bare id must not mean just any of them. */
function planOf(definitions: Definitions, seed: number): Map<string, string[]> {
  const used = new Set([...TYPES.map(([type]) => type), ...UNUSED]);
  const others = definitions.resourceTypes.filter((type) => !used.has(type));
  const further = others.filter((_, i) => i % TURNS === seed % TURNS);
  const counts = [...TYPES, ...further.map((type) => [type, FURTHER_EACH] as const)];
  return new Map(
    counts.map(([type, count]) => [
      type,
      Array.from({ length: count }, (_, n) => (n % 3 === 0 ? `x${n}` : `${type.toLowerCase()}-${n}`)),
    ]),
  );
}
