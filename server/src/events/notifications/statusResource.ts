import type { StatusContent } from './statusParameters.ts';

/**
 * SubscriptionStatus as the resource of R4B and R5, as MedplumClient reads it. References are relative: it takes the id from what follows the first slash.
 */
export function statusResource(id: string, content: StatusContent) {
  const { subscription, topic, status, type, eventsSinceStart, events = [], error } = content;
  return {
    resourceType: 'SubscriptionStatus',
    id,
    status,
    type,
    eventsSinceSubscriptionStart: String(eventsSinceStart),
    ...(events.length > 0 && {
      notificationEvent: events.map(({ number, occurred, focus, additional = [] }) => ({
        eventNumber: String(number),
        timestamp: occurred.toISOString(),
        ...(focus !== undefined && { focus: { reference: relative(focus) } }),
        ...(additional.length > 0 && {
          additionalContext: additional.map((url) => ({ reference: relative(url) })),
        }),
      })),
    }),
    subscription: { reference: relative(subscription) },
    ...(topic !== undefined && { topic }),
    ...(error !== undefined && { error: [{ text: error }] }),
  };
}

/** `http://example.org/fhir/Patient/1` -> `Patient/1`. */
const relative = (url: string): string => url.split('/').slice(-2).join('/');
