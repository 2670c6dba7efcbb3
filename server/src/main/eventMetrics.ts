import type { DeliveryFigures } from '../store/outbox/deliveryFigures.ts';

const MS_PER_SECOND = 1_000;

/** How it stands with telling of events in the main store, in the text format of Prometheus. Absent: the database cannot say now. */
export function eventMetrics(figures: DeliveryFigures | undefined): string {
  if (figures === undefined) return '';
  const { waiting, oldestWaitingMs, givenUp, failing } = figures;
  return [
    ...gauge('deliveries_waiting', 'Events that wait to be delivered', waiting),
    ...gauge(
      'oldest_waiting_seconds',
      'How long ago the oldest event occurred that waits to be delivered',
      oldestWaitingMs / MS_PER_SECOND,
    ),
    ...gauge('deliveries_given_up', 'Events that were given up and wait for an administrator', givenUp),
    ...gauge('subscriptions_failing', 'Subscriptions of which the last attempt to deliver failed', failing),
    '',
  ].join('\n');
}

const gauge = (name: string, help: string, value: number): string[] => [
  `# HELP maxray_event_${name} ${help}`,
  `# TYPE maxray_event_${name} gauge`,
  `maxray_event_${name} ${value}`,
];
