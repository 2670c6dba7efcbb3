import { agentsOf } from '../auditEvent/agents.ts';
import type { PlacedRecord } from '../encode.ts';
import { DCM, EVENTS, type Coding } from '../events.ts';
import type { AuditRecord } from '../record.ts';
import { auditEventId } from '../auditEvent/render.ts';
import { isSearch } from '../auditEvent/entities.ts';
import { element, escaped } from './xml.ts';

/** Agents as `agentsOf` makes them, as far as they are read here. */
interface Agent {
  type: { coding: [Coding] };
  who: { reference?: string; identifier?: { value: string } };
  requestor: boolean;
  name?: string;
  network?: { address: string; type: string };
}

/** Codes of DICOM PS3.15 A.5: ParticipantObjectTypeCode, ParticipantObjectTypeCodeRole and ParticipantObjectIDTypeCode. */
const OBJECT = {
  patient: { type: '1', role: '1', id: { code: '2', system: 'RFC-3881', display: 'Patient Number' } },
  resource: { type: '2', role: '4', id: { code: '12', system: 'RFC-3881', display: 'URI' } },
  study: { type: '2', role: '3', id: { code: '110180', system: DCM, display: 'Study Instance UID' } },
  query: { type: '2', role: '24', id: { code: '10', system: 'RFC-3881', display: 'Search Criteria' } },
  request: {
    type: '2',
    role: '20',
    id: { code: 'XrequestId', system: 'BasicAuditEntityType', display: 'X-Request-Id' },
  },
  reason: { type: '2', role: '13', id: { code: 'BTG', system: 'ActReason', display: 'break the glass' } },
} as const;

/** A record as a DICOM audit message (PS3.15 A.5), which is what IHE ATNA's repositories take. */
export function dicomMessage({ place, record }: PlacedRecord, base: string): string {
  const { type, subtype, action } = EVENTS[record.event];
  const event = element(
    'EventIdentification',
    {
      EventActionCode: action,
      EventDateTime: new Date(record.recordedMs).toISOString(),
      EventOutcomeIndicator: String(record.outcome),
    },
    [coded('EventID', type), coded('EventTypeCode', subtype)],
  );
  const source = element('AuditSourceIdentification', {
    AuditSourceID: record.observer ?? base,
    AuditEnterpriseSiteID: new URL(base).host,
    code: '4',
  });
  const agents = (agentsOf(record, base) as Agent[]).map(participant);
  return `<?xml version="1.0" encoding="UTF-8"?>${element('AuditMessage', {}, [event, ...agents, source, ...objects(record, place)])}`;
}

function participant({ type, who, requestor, name, network }: Agent): string {
  return element(
    'ActiveParticipant',
    {
      UserID: who.identifier?.value ?? who.reference ?? '',
      AlternativeUserID: who.identifier && who.reference,
      UserName: name,
      UserIsRequestor: requestor,
      NetworkAccessPointID: network?.address,
      NetworkAccessPointTypeCode: network?.type,
    },
    [coded('RoleIDCode', type.coding[0])],
  );
}

function objects(record: AuditRecord, place: number): string[] {
  const { patients, resources, query, requestId, breakGlass, studies = [] } = record;
  return [
    ...patients.map((id) => object(`Patient/${id}`, OBJECT.patient)),
    ...resources.map((reference) => object(reference, OBJECT.resource)),
    ...studies.map(([uid]) => object(uid, OBJECT.study)),
    ...(query === undefined
      ? []
      : [object(isSearch(record) ? 'search' : record.event, OBJECT.query, { query })]),
    object(requestId ?? auditEventId(place), OBJECT.request, { detail: auditEventId(place) }),
    ...(breakGlass === undefined ? [] : [object('break-glass', OBJECT.reason, { name: breakGlass })]),
  ];
}

type ObjectKind = (typeof OBJECT)[keyof typeof OBJECT];

function object(
  id: string,
  kind: ObjectKind,
  { name, query, detail }: { name?: string; query?: string; detail?: string } = {},
): string {
  const content = [coded('ParticipantObjectIDTypeCode', kind.id)];
  if (name !== undefined) content.push(`<ParticipantObjectName>${escaped(name)}</ParticipantObjectName>`);
  if (query !== undefined)
    content.push(`<ParticipantObjectQuery>${Buffer.from(query).toString('base64')}</ParticipantObjectQuery>`);
  if (detail !== undefined)
    content.push(
      element('ParticipantObjectDetail', {
        type: 'AuditEvent',
        value: Buffer.from(detail).toString('base64'),
      }),
    );
  return element(
    'ParticipantObjectIdentification',
    {
      ParticipantObjectID: id,
      ParticipantObjectTypeCode: kind.type,
      ParticipantObjectTypeCodeRole: kind.role,
    },
    content,
  );
}

const coded = (name: string, { code, system, display }: Coding): string =>
  element(name, {
    'csd-code': code,
    codeSystemName: system === DCM ? 'DCM' : system,
    originalText: display,
  });
