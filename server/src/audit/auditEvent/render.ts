import type { Resource } from '../../fhir/resource.ts';
import type { PlacedRecord } from '../encode.ts';
import { EVENTS } from '../events.ts';
import { OUTCOME, type AuditRecord } from '../record.ts';
import { agentsOf, purposesOf } from './agents.ts';
import { APPLICATION_SERVER, BALP } from './codes.ts';
import { entitiesOf, isSearch } from './entities.ts';

/** Ids of AuditEvents that are made from the log: `audit-` and the place. */
const ID = /^audit-([1-9]\d{0,15})$/;

export const auditEventId = (place: number): string => `audit-${place}`;

/** The place of an id; undefined for an AuditEvent that somebody has stored. */
export function placeOfId(id: string): number | undefined {
  const place = Number(ID.exec(id)?.[1]);
  return Number.isSafeInteger(place) ? place : undefined;
}

/** Names of BALP's patterns for FHIR's interactions. */
const PATTERNS: Partial<Record<AuditRecord['event'], string>> = {
  read: 'Read',
  vread: 'Read',
  create: 'Create',
  update: 'Update',
  patch: 'Update',
  delete: 'Delete',
  'search-type': 'Query',
  'search-system': 'Query',
};

/**
 * A record as an AuditEvent. It claims the BALP pattern that it follows: those are for what succeeded, about one resource or query, and
 * their patient variants about one patient. A record that names several patients follows the pattern that names none.
 *
 * @param base absolute URL of the FHIR base, which names the server
 */
export function auditEvent({ place, record }: PlacedRecord, base: string): Resource {
  const { type, subtype, action } = EVENTS[record.event];
  const profile = profileOf(record);
  const entity = entitiesOf(record);
  const purposeOfEvent = purposesOf(record);
  const recorded = new Date(record.recordedMs).toISOString();
  return {
    resourceType: 'AuditEvent',
    id: auditEventId(place),
    meta: { versionId: '1', lastUpdated: recorded, ...(profile !== undefined && { profile: [profile] }) },
    type,
    subtype: [subtype],
    action,
    recorded,
    outcome: String(record.outcome),
    ...(record.outcomeText !== undefined && { outcomeDesc: record.outcomeText }),
    ...(purposeOfEvent.length > 0 && { purposeOfEvent }),
    agent: agentsOf(record, base),
    source: {
      site: new URL(base).host,
      observer: { identifier: { value: record.observer ?? base } },
      type: [APPLICATION_SERVER],
    },
    ...(entity.length > 0 && { entity }),
  };
}

function profileOf(record: AuditRecord): string | undefined {
  const pattern = PATTERNS[record.event];
  if (pattern === undefined || record.outcome !== OUTCOME.success) return undefined;
  const isWhole = isSearch(record) ? record.query !== undefined : record.resources.length === 1;
  if (!isWhole) return undefined;
  const variant = record.patients.length === 1 ? 'Patient' : '';
  return `${BALP}/StructureDefinition/IHE.BasicAudit.${variant}${pattern}`;
}
