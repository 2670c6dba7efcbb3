import { randomUUID } from 'node:crypto';
import type { Delivery, Told } from '../../records/events/eventRecords.ts';
import type { PayloadContent } from '../subscriptions/request.ts';
import { statusParameters, type StatusContent, type ToldEvent } from './statusParameters.ts';
import { statusResource } from './statusResource.ts';

/** How the status is written: as the Parameters that the guide prescribes for R4, or as the resource that R4B and R5 have. */
export type StatusForm = 'parameters' | 'resource';

/** A resource that comes along with an event. */
export interface Companion {
  type: string;
  id: string;
  /** JSON text. */
  content: string;
}

/** An event, and what of it may be told now; without: only that there was one. */
export interface NotifiedEvent {
  delivery: Delivery;
  told: Told | undefined;
  along?: readonly Companion[];
}

/** What is shown of resources by telling of events. */
export const shownBy = (events: readonly NotifiedEvent[]): (Told | Companion)[] =>
  events.flatMap(({ told, along = [] }) => [...(told === undefined ? [] : [told]), ...along]);

export interface NotificationParts {
  /** Absolute URL of the FHIR base. */
  base: string;
  content: PayloadContent;
  /** Absent: as Parameters. */
  form?: StatusForm;
  status: Omit<StatusContent, 'events'>;
  events: readonly NotifiedEvent[];
}

const PROFILE_R4B =
  'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-notification';
const PROFILE_OF: Readonly<Record<StatusForm, string>> = {
  parameters: `${PROFILE_R4B}-r4`,
  resource: PROFILE_R4B,
};

/**
 * A notification as a topic's subscribers get it: a Bundle of type history, first the status
 * (http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription-notification-r4.html). Resources stand in it as they are stored.
 */
export function notificationBundle(parts: NotificationParts): string {
  const { base, content, form = 'parameters', status, events } = parts;
  const id = randomUUID();
  const told = events.map((event) => toldEvent(base, content, event));
  // What an empty notification tells is that something happened, and nothing of what.
  const { topic: _topic, ...anonymous } = status;
  const statusContent = { ...(content === 'empty' ? anonymous : status), events: told };
  const resource =
    form === 'parameters' ? statusParameters(id, statusContent) : statusResource(id, statusContent);
  const head = {
    resourceType: 'Bundle',
    id: randomUUID(),
    meta: { profile: [PROFILE_OF[form]] },
    type: 'history',
    timestamp: new Date().toISOString(),
  };
  const first = {
    fullUrl: `urn:uuid:${id}`,
    resource,
    request: { method: 'GET', url: `${status.subscription}/$status` },
    response: { status: '200' },
  };
  const entries =
    content === 'empty'
      ? []
      : [
          ...events.flatMap((event) => resourceEntry(base, content, event)),
          ...companionEntries(base, content, events),
        ];
  return `${JSON.stringify(head).slice(0, -1)},"entry":[${[JSON.stringify(first), ...entries].join(',')}]}`;
}

function toldEvent(
  base: string,
  content: PayloadContent,
  { delivery, told, along = [] }: NotifiedEvent,
): ToldEvent {
  const { number, occurred, type, id } = delivery;
  if (content === 'empty' || told === undefined) return { number, occurred };
  const additional = along.map((one) => `${base}/${one.type}/${one.id}`);
  return { number, occurred, focus: `${base}/${type}/${id}`, additional };
}

/** Each once, and none that an event is about. */
function companionEntries(base: string, content: PayloadContent, events: readonly NotifiedEvent[]): string[] {
  const named = new Set(events.map(({ delivery: { type, id } }) => `${type}/${id}`));
  return events
    .flatMap(({ along = [] }) => along)
    .flatMap((one) => {
      const name = `${one.type}/${one.id}`;
      if (named.has(name)) return [];
      named.add(name);
      const rest = { request: { method: 'GET', url: name }, response: { status: '200' } };
      const resource = content === 'full-resource' ? `"resource":${one.content},` : '';
      return [`{"fullUrl":${JSON.stringify(`${base}/${name}`)},${resource}${JSON.stringify(rest).slice(1)}`];
    });
}

function resourceEntry(base: string, content: PayloadContent, { delivery, told }: NotifiedEvent): string[] {
  if (told === undefined) return [];
  const { type, id, version, method } = delivery;
  const url = method === 'C' ? type : `${type}/${id}`;
  const rest = {
    request: { method: { C: 'POST', U: 'PUT', D: 'DELETE' }[method], url },
    response: {
      status: method === 'D' ? '204' : version === 1 ? '201' : '200',
      etag: `W/"${version}"`,
      lastModified: told.lastUpdated.toISOString(),
    },
  };
  const fullUrl = JSON.stringify(`${base}/${type}/${id}`);
  const resource = content === 'full-resource' && told.content !== null ? `"resource":${told.content},` : '';
  return [`{"fullUrl":${fullUrl},${resource}${JSON.stringify(rest).slice(1)}`];
}
