import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { ExpectedVersion } from '../../records/records.ts';
import { expectedVersion } from '../http/etag.ts';
import type { InteractionName } from '../router.ts';

/** Preconditions of an entry, understood. `ifNoneExist` is read with its criteria (operations.ts). */
export interface EntryConditions {
  expectedVersion?: ExpectedVersion;
  /** Of reads. */
  ifNoneMatch?: string;
  ifModifiedSince?: Date;
}

const CONDITIONS = ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifNoneExist'] as const;
type Condition = (typeof CONDITIONS)[number];

const READS: readonly Condition[] = ['ifNoneMatch', 'ifModifiedSince'];
const UPDATES: readonly Condition[] = ['ifMatch', 'ifNoneMatch'];
const CHANGES: readonly Condition[] = ['ifMatch'];

/** Preconditions that an interaction has a use for; no others may stand there, because they would be passed over. */
const USED: Partial<Record<InteractionName, readonly Condition[]>> = {
  read: READS,
  vread: READS,
  create: ['ifNoneExist'],
  update: UPDATES,
  'conditional-update': UPDATES,
  patch: CHANGES,
  'conditional-patch': CHANGES,
  delete: CHANGES,
  'conditional-delete': CHANGES,
};

/** @throws FhirError for preconditions that make no sense where they stand, or are not written rightly */
export function entryConditions(
  interaction: InteractionName,
  request: JsonObject,
  at: string,
): EntryConditions {
  const given = CONDITIONS.filter((name) => request[name] !== undefined);
  if (given.length === 0) return {};
  for (const name of given) requireUsable(interaction, name, request[name], `${at}.request.${name}`);
  const { ifMatch, ifNoneMatch, ifModifiedSince } = request as Partial<Record<Condition, string>>;
  if (interaction === 'read' || interaction === 'vread') {
    return {
      ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
      ...(ifModifiedSince === undefined ? {} : { ifModifiedSince: instant(ifModifiedSince, at) }),
    };
  }
  if (ifNoneMatch !== undefined) return { expectedVersion: noneExpected(ifNoneMatch, ifMatch, at) };
  const expected = ifMatch === undefined ? undefined : expectedVersion(ifMatch, `${at}.request.ifMatch`);
  return expected === undefined ? {} : { expectedVersion: expected };
}

function requireUsable(
  interaction: InteractionName,
  name: Condition,
  value: unknown,
  expression: string,
): void {
  if (!USED[interaction]?.includes(name)) {
    const text = `${name} has no meaning for this request: leave it out. Nothing was changed.`;
    throw fhirError('unprocessable', 'not-supported', text, expression);
  }
  if (typeof value !== 'string')
    throw fhirError('incorrect', 'value', `${name} must be a string.`, expression);
}

function noneExpected(ifNoneMatch: string, ifMatch: string | undefined, at: string): number {
  if (ifNoneMatch.trim() === '*' && ifMatch === undefined) return 0;
  const text = 'On an update ifNoneMatch can only be *, and not together with ifMatch.';
  throw fhirError('incorrect', 'invalid', text, `${at}.request.ifNoneMatch`);
}

function instant(text: string, at: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  const fault = 'ifModifiedSince must be an instant, such as 2026-01-31T12:00:00Z.';
  throw fhirError('incorrect', 'value', fault, `${at}.request.ifModifiedSince`);
}
