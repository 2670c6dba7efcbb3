import { isIP } from 'node:net';
import { isUid } from '@maxray/dicom-bridge/uid';
import { fhirError } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/resource.ts';
import {
  DICOM_ACTIVITIES,
  type DicomActivities,
  type DicomActivity,
  type DicomActivityKind,
} from '../records/auditLog/dicomActivities.ts';
import type { Operation } from './operation.ts';

/** Of one call. */
export const ACTIVITIES_MAX = 1_000;
/** Of one activity. */
export const STUDIES_MAX = 100;
const TEXT_CHARS_MAX = 256;
const INSTANCES_MAX = 2 ** 31 - 1;
/** Clocks of bridges may be ahead. */
const AHEAD_MS_MAX = 86_400_000;

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** PS3.5 section 6.2, value representation AE. */
const AE_TITLE = /^[\x20-\x5b\x5d-\x7e]{1,16}$/;
const DEVICE = /^Device\/[A-Za-z0-9\-.]{1,64}$/;
const MEMBERS = ['id', 'atMs', 'kind', 'failed', 'aeTitle', 'address', 'device', 'studies', 'text'];
const KINDS: ReadonlySet<unknown> = new Set(DICOM_ACTIVITIES);

/** `POST AuditEvent/$dicom-activity` with `{ activities }` as JSON: what the DICOM bridge has seen goes into the audit log, all of it or nothing. */
export function dicomActivityOperation(activities: Pick<DicomActivities, 'record'>): Operation {
  return {
    name: 'dicom-activity',
    definition: 'https://maxray.example/fhir/OperationDefinition/dicom-activity',
    levels: ['type'],
    types: ['AuditEvent'],
    affectsState: true,
    takesPlainJson: true,
    run: async ({ caller, plainJson }) => {
      await activities.record(caller, readActivities(plainJson));
      return { kind: 'nothing' };
    },
  };
}

/** @throws FhirError `incorrect` that names the member */
function readActivities(body: JsonObject | undefined): DicomActivity[] {
  const all = body?.activities;
  if (!Array.isArray(all) || all.length === 0 || all.length > ACTIVITIES_MAX)
    throw wrong('activities', `must be a list of 1 to ${ACTIVITIES_MAX}`);
  return all.map((one: unknown, i) => readActivity(one, `activities[${i}]`));
}

function readActivity(value: unknown, at: string): DicomActivity {
  if (typeof value !== 'object' || value === null) throw wrong(at, 'must be an object');
  const one = value as JsonObject;
  const unknown = Object.keys(one).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw wrong(`${at}.${unknown}`, 'is not known');
  const { id, atMs, kind, failed, aeTitle, address, device, studies, text } = one;
  const demand = (isRight: boolean, name: string, what: string): void => {
    if (!isRight) throw wrong(`${at}.${name}`, what);
  };
  const optional = (name: string, isRight: (text: string) => boolean, what: string): void =>
    demand(one[name] === undefined || (typeof one[name] === 'string' && isRight(one[name])), name, what);
  demand(typeof id === 'string' && ID.test(id), 'id', 'must be a UUID');
  demand(isTime(atMs), 'atMs', 'must be milliseconds since 1970, and not of tomorrow');
  demand(KINDS.has(kind), 'kind', `must be one of ${DICOM_ACTIVITIES.join(', ')}`);
  demand(failed === undefined || typeof failed === 'boolean', 'failed', 'must be true or false');
  optional('aeTitle', (title) => AE_TITLE.test(title), 'must be an AE title');
  optional('address', (ip) => isIP(ip) !== 0, 'must be an IP address');
  optional('device', (reference) => DEVICE.test(reference), 'must be a reference to a Device');
  optional(
    'text',
    ({ length }) => length <= TEXT_CHARS_MAX,
    `must be a text of up to ${TEXT_CHARS_MAX} characters`,
  );
  demand(
    isStudies(studies),
    'studies',
    `must be up to ${STUDIES_MAX} pairs of a UID and a number of instances`,
  );
  return {
    id: id as string,
    atMs: atMs as number,
    kind: kind as DicomActivityKind,
    ...(failed === true && { failed }),
    ...(aeTitle !== undefined && { aeTitle: aeTitle as string }),
    ...(address !== undefined && { address: address as string }),
    ...(device !== undefined && { device: device as string }),
    ...(studies !== undefined && { studies: studies as [string, number][] }),
    ...(text !== undefined && { text: text as string }),
  };
}

const isWhole = (value: unknown, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
const isTime = (value: unknown): boolean => isWhole(value, Date.now() + AHEAD_MS_MAX);

function isStudies(value: unknown): boolean {
  if (value === undefined) return true;
  const isStudy = (one: unknown): boolean =>
    Array.isArray(one) &&
    one.length === 2 &&
    typeof one[0] === 'string' &&
    isUid(one[0]) &&
    isWhole(one[1], INSTANCES_MAX);
  return Array.isArray(value) && value.length <= STUDIES_MAX && value.every(isStudy);
}

const wrong = (what: string, why: string) => fhirError('incorrect', 'value', `${what} ${why}.`, what);
