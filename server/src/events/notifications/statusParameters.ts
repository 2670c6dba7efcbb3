import type { SubscriptionStatus } from '../subscriptions/request.ts';

export type NotificationType =
  'handshake' | 'heartbeat' | 'event-notification' | 'query-status' | 'query-event';

/** An event as its notification tells of it. */
export interface ToldEvent {
  number: number;
  occurred: Date;
  /** Absolute URL of the resource; absent: it is not told. */
  focus?: string;
  /** The same of what comes along. */
  additional?: readonly string[];
}

/** What a SubscriptionStatus says. */
export interface StatusContent {
  /** Absolute URL of the Subscription. */
  subscription: string;
  topic?: string;
  status: SubscriptionStatus;
  type: NotificationType;
  eventsSinceStart: number;
  events?: readonly ToldEvent[];
  /** Why the subscription is in the state `error`. */
  error?: string;
}

const PROFILE =
  'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4';

/** SubscriptionStatus as Parameters, which the backport guide prescribes for R4 (backport-subscription-status-r4). */
export function statusParameters(id: string, content: StatusContent) {
  const { subscription, topic, status, type, eventsSinceStart, events = [], error } = content;
  return {
    resourceType: 'Parameters',
    id,
    meta: { profile: [PROFILE] },
    parameter: [
      { name: 'subscription', valueReference: { reference: subscription } },
      ...(topic === undefined ? [] : [{ name: 'topic', valueCanonical: topic }]),
      { name: 'status', valueCode: status },
      { name: 'type', valueCode: type },
      { name: 'events-since-subscription-start', valueString: String(eventsSinceStart) },
      ...events.map(eventParameter),
      ...(error === undefined ? [] : [{ name: 'error', valueCodeableConcept: { text: error } }]),
    ],
  };
}

const eventParameter = ({ number, occurred, focus, additional = [] }: ToldEvent) => ({
  name: 'notification-event',
  part: [
    { name: 'event-number', valueString: String(number) },
    { name: 'timestamp', valueInstant: occurred.toISOString() },
    ...(focus === undefined ? [] : [{ name: 'focus', valueReference: { reference: focus } }]),
    ...additional.map((reference) => ({ name: 'additional-context', valueReference: { reference } })),
  ],
});
