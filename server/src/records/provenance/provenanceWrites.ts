import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { Write, WriteResult } from '../../store/resource/types.ts';
import type { IncomingResource } from '../prepare.ts';
import { addPatientsIn } from '../trail/patientsIn.ts';
import type { WriteProvenance } from './writeProvenance.ts';

const DATA_OPERATION = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation';
export const PROVENANCE = 'Provenance';
/** Provenances are not told of themselves, nor is the log. */
const NOT_NOTED: ReadonlySet<string> = new Set(['AuditEvent', PROVENANCE]);

/** A write that was carried out. */
export interface Done {
  write: Write;
  result: WriteResult;
}

interface Target {
  activity: 'CREATE' | 'UPDATE' | 'DELETE';
  /** `Type/id/_history/2` */
  version: string;
  /** The version that it replaced or deleted. */
  before: string | undefined;
  /** Ids of patients, sorted. */
  patients: string;
}

/**
 * The Provenances of what a request has written: that which the client sent, with all of it as targets, and those of the server's own, one
 * for each activity and patients, so that none tells of one patient what belongs to another.
 */
export function provenancesOf(
  { agent, given }: WriteProvenance,
  done: readonly Done[],
  base: string,
): IncomingResource[] {
  const targets = done.flatMap((one) => targetOf(one, base));
  if (targets.length === 0) return [];
  const recorded = done.find(({ result }) => result.applied)!.result as Extract<
    WriteResult,
    { applied: true }
  >;
  const made: IncomingResource[] = [];
  if (given) {
    const target = references(targets.map(({ version }) => version));
    made.push({ value: { ...given.value, target }, exact: { ...given.exact, target } });
  }
  if (agent) {
    const groups = Map.groupBy(targets, ({ activity, patients }) => `${activity} ${patients}`);
    for (const group of groups.values()) {
      const resource = ownProvenance(agent, group, recorded.lastUpdated);
      made.push({ value: resource, exact: resource });
    }
  }
  return made;
}

function targetOf({ write, result }: Done, base: string): Target[] {
  const { type, id, method } = write;
  if (!result.applied || NOT_NOTED.has(type)) return [];
  const { version, created } = result;
  const patients = new Set<string>(type === 'Patient' ? [id] : []);
  if (method !== 'D') addPatientsIn(write.content.tail, base, patients);
  return [
    {
      activity: method === 'D' ? 'DELETE' : created ? 'CREATE' : 'UPDATE',
      version: `${type}/${id}/_history/${version}`,
      before: created ? undefined : `${type}/${id}/_history/${version - 1}`,
      patients: [...patients].sort().join(' '),
    },
  ];
}

function ownProvenance(agent: JsonObject, group: readonly Target[], at: Date): Resource {
  const before = group.flatMap((target) => target.before ?? []);
  const { activity } = group[0]!;
  return {
    resourceType: PROVENANCE,
    target: references(group.map(({ version }) => version)),
    recorded: at.toISOString(),
    activity: { coding: [{ system: DATA_OPERATION, code: activity }] },
    agent: [agent],
    ...(before.length > 0 && {
      entity: before.map((reference) => ({
        role: activity === 'DELETE' ? 'removal' : 'revision',
        what: { reference },
      })),
    }),
  };
}

const references = (names: readonly string[]) => names.map((reference) => ({ reference }));
