import { EVENTS, REST_TYPE } from '../events.ts';
import type { AuditRecord, TransferredStudy } from '../record.ts';
import {
  DOMAIN_RESOURCE,
  JOB,
  OTHER,
  PATIENT,
  PERSON,
  QUERY,
  REPORT,
  REQUEST_ID,
  SECURITY_RESOURCE,
  SYSTEM_OBJECT,
} from './codes.ts';

/** What it was about: the query or the resources, the patients, the request, the reason of an emergency. */
export function entitiesOf(record: AuditRecord): object[] {
  const { query, resources, patients, requestId, breakGlass, studies = [] } = record;
  const isQuery = query !== undefined && isSearch(record);
  const what = isQuery ? [queryEntity(query)] : [];
  // Beside a query, which is BALP's only system object then, resources are of another type.
  const type = isQuery ? OTHER : SYSTEM_OBJECT;
  what.push(...resources.map((reference) => ({ what: { reference }, type, role: DOMAIN_RESOURCE })));
  if (!isQuery && query !== undefined) what.push({ type: OTHER, role: JOB, description: query });
  else if (what.length === 0 && isRest(record))
    what.push({ type: SYSTEM_OBJECT, role: JOB, description: record.event });
  return [
    ...what,
    ...studies.map(studyEntity),
    ...patients.map((id) => ({ what: { reference: `Patient/${id}` }, type: PERSON, role: PATIENT })),
    ...(requestId === undefined ? [] : [{ what: { identifier: { value: requestId } }, type: REQUEST_ID }]),
    ...(breakGlass === undefined
      ? []
      : [{ type: OTHER, role: SECURITY_RESOURCE, name: 'break-glass', description: breakGlass }]),
  ];
}

/** As it was sent, and also as a text that can be read. */
const queryEntity = (query: string): object => ({
  type: SYSTEM_OBJECT,
  role: QUERY,
  description: query,
  query: Buffer.from(query).toString('base64'),
});

/** As DICOM's audit messages have a study (PS3.15 A.5.2): a report, by its UID. */
const studyEntity = ([uid, instances]: TransferredStudy): object => ({
  what: { identifier: { system: 'urn:dicom:uid', value: `urn:oid:${uid}` } },
  type: SYSTEM_OBJECT,
  role: REPORT,
  detail: [{ type: 'instances', valueString: String(instances) }],
});

export const isRest = ({ event }: AuditRecord): boolean => EVENTS[event].type === REST_TYPE;
export const isSearch = ({ event }: AuditRecord): boolean =>
  event === 'search-type' || event === 'search-system';
