import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import { parseQuery } from '../../fhir/search/queryString.ts';
import { BACKPORT_EXTENSIONS, textValue, valueOf, wholeValue, withUrl } from '../extensions.ts';
import { readHeaders } from './headers.ts';

export type SubscriptionStatus = 'requested' | 'active' | 'error' | 'off';
/** How much of a resource a notification holds. */
export type PayloadContent = 'empty' | 'id-only' | 'full-resource';

/** A search of one type, as text and as pairs. */
export interface Search {
  type: string;
  pairs: [string, string][];
  /** Where it stands. */
  expression: string;
}

/** What a Subscription asks for. */
export type Asked =
  | { kind: 'criteria'; search: Search }
  /** Filters without a type are for each type of the topic. */
  | { kind: 'topic'; canonical: string; filters: (Omit<Search, 'type'> & { type?: string })[] };

/** Where notifications go, and what they are like. */
export interface Channel {
  type: string;
  /** A type that R4 does not have (backport-channel-type), which is asked for instead. */
  customType?: string;
  endpoint: string | undefined;
  /** MIME type; absent: notifications have no body (R4's own), or are FHIR JSON. */
  payload: string | undefined;
  content: PayloadContent;
  headers: [name: string, value: string][];
  /** Absent: no sign of life is wanted. */
  heartbeatMs?: number;
  timeoutMs: number;
  /** Events in one notification. */
  eventsMax: number;
}

/** Whether people are written to. */
const isToPeople = ({ type }: Pick<Channel, 'type'>): boolean => type === 'email' || type === 'sms';

/** Whether events wait for somebody who connects, rather than being sent to an endpoint. */
export const isFetched = ({ type }: Pick<Channel, 'type'>): boolean => type === 'websocket';

const BOT = /^Bot\/([A-Za-z0-9\-.]{1,64})$/;

/** Id of the Bot of this server that a channel runs; undefined: none. */
export const botOf = ({ type, endpoint }: Pick<Channel, 'type' | 'endpoint'>): string | undefined =>
  type === 'rest-hook' && endpoint !== undefined ? BOT.exec(endpoint)?.[1] : undefined;

/** A Subscription as it was understood. */
export interface SubscriptionRequest {
  status: SubscriptionStatus;
  /** Milliseconds since 1970 UTC. */
  endMs?: number;
  asked: Asked;
  channel: Channel;
}

/** How long an attempt may take, and at most; in milliseconds. */
export const ATTEMPT_TIMEOUT_MS = 10_000;
export const ATTEMPT_TIMEOUT_MS_MAX = 60_000;
/** How often a sign of life is sent at most. */
export const HEARTBEAT_MS_MIN = 5_000;
/** The same, where people are written to. */
export const HEARTBEAT_TO_PEOPLE_MS_MIN = 3_600_000;
const HEARTBEAT_MS_MAX = 30 * 24 * 3_600_000;
/** Events in one notification at most. */
export const EVENTS_MAX = 100;

const CRITERIA = 'Subscription.criteria';
/** Payloads without FHIR. */
const NAMING = /^(?:text\/plain(?:;(?!.*attach).*)?)?$/i;
/** `Observation`, `Observation?code=...`: R4's own criteria; anything else is the canonical of a topic. */
const SEARCH = /^([A-Z][A-Za-z]*)(?:\?(.*))?$/s;

/** Whether a Subscription whose structure is valid asks for a topic, and not by a search. */
export const asksTopic = ({ criteria }: Resource): boolean =>
  typeof criteria === 'string' && !SEARCH.test(criteria);

/**
 * @param resource plain JSON of a Subscription whose structure is valid
 * @throws FhirError `incorrect` that names the element
 */
export function readSubscription(resource: Resource): SubscriptionRequest {
  const channel = resource.channel as JsonObject;
  const end = typeof resource.end === 'string' ? Date.parse(resource.end) : undefined;
  const asked = readAsked(resource);
  return {
    status: resource.status as SubscriptionStatus,
    ...(end === undefined ? {} : { endMs: end }),
    asked,
    channel: readChannel(channel, asked.kind === 'topic'),
  };
}

function readAsked(resource: Resource): Asked {
  const criteria = resource.criteria as string;
  const found = SEARCH.exec(criteria);
  if (found) {
    const [, type, query = ''] = found;
    return {
      kind: 'criteria',
      search: { type: type!, pairs: pairsOf(query, CRITERIA), expression: CRITERIA },
    };
  }
  if (!URL.canParse(criteria)) {
    const text =
      "The criteria must be a search with its type, such as 'Observation?code=1234-5', or the canonical URL of a topic.";
    throw fhirError('incorrect', 'value', text, CRITERIA);
  }
  return { kind: 'topic', canonical: criteria, filters: readFilters(resource) };
}

function readFilters(resource: Resource) {
  return withUrl(resource._criteria, BACKPORT_EXTENSIONS.filterCriteria).map((extension, i) => {
    const expression = `${CRITERIA}.extension[${i}].value`;
    const value = valueOf(extension);
    if (typeof value !== 'string') {
      throw fhirError(
        'incorrect',
        'value',
        "A filter must be a string, such as 'Encounter?patient=Patient/1'.",
        expression,
      );
    }
    const [, type, query] = SEARCH.exec(value) ?? [];
    const isTyped = type !== undefined && value.includes('?');
    return {
      ...(isTyped && { type }),
      pairs: pairsOf(isTyped ? query! : value, expression),
      expression,
    };
  });
}

/** The query is text in a resource, so that it may be written without percent-encoding. */
function pairsOf(query: string, expression: string): [string, string][] {
  try {
    return parseQuery(query);
  } catch {
    throw fhirError(
      'incorrect',
      'value',
      'The search has broken percent-encoding: encode it as UTF-8.',
      expression,
    );
  }
}

function readChannel(channel: JsonObject, isTopic: boolean): Channel {
  const heartbeatS = wholeValue(channel, BACKPORT_EXTENSIONS.heartbeatPeriod);
  const timeoutS = wholeValue(channel, BACKPORT_EXTENSIONS.timeout);
  const maxCount = wholeValue(channel, BACKPORT_EXTENSIONS.maxCount);
  const type = channel.type as string;
  const heartbeatMsMin = isToPeople({ type }) ? HEARTBEAT_TO_PEOPLE_MS_MIN : HEARTBEAT_MS_MIN;
  const custom = withUrl(channel._type, BACKPORT_EXTENSIONS.channelType)[0];
  return {
    type,
    ...(custom && { customType: (valueOf(custom) as { code?: string } | undefined)?.code ?? '' }),
    endpoint: channel.endpoint as string | undefined,
    payload: channel.payload as string | undefined,
    content: contentOf(channel, isTopic),
    headers: readHeaders(channel.header),
    ...(heartbeatS === undefined || heartbeatS === 0
      ? {}
      : { heartbeatMs: Math.min(Math.max(heartbeatS * 1000, heartbeatMsMin), HEARTBEAT_MS_MAX) }),
    timeoutMs:
      timeoutS === undefined || timeoutS === 0
        ? ATTEMPT_TIMEOUT_MS
        : Math.min(timeoutS * 1000, ATTEMPT_TIMEOUT_MS_MAX),
    eventsMax: Math.min(Math.max(maxCount ?? 1, 1), EVENTS_MAX),
  };
}

/** R4's own notifications hold the resource where a payload of FHIR is asked for, and else to people its name; a topic's say it by an extension. */
function contentOf(channel: JsonObject, isTopic: boolean): PayloadContent {
  if (!isTopic && isToPeople(channel as { type: string }))
    return NAMING.test((channel.payload ?? '') as string) ? 'id-only' : 'full-resource';
  // A Bot is given the resource in any case, as Medplum does.
  if (!isTopic && botOf(channel as unknown as Channel) !== undefined) return 'full-resource';
  if (!isTopic) return channel.payload === undefined ? 'empty' : 'full-resource';
  const value = textValue(channel._payload, BACKPORT_EXTENSIONS.payloadContent) ?? 'empty';
  if (value === 'empty' || value === 'id-only' || value === 'full-resource') return value;
  const text = "How much notifications hold must be 'empty', 'id-only' or 'full-resource'.";
  throw fhirError('incorrect', 'value', text, 'Subscription.channel.payload.extension[0].value');
}
