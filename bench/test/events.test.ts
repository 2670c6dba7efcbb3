import { afterEach, expect, test } from '@jest/globals';
import type { EventFigures } from '../src/events/figures.ts';
import { startReceiver, type Receiver } from '../src/events/receiver/receiverProcess.ts';
import { eventsText } from '../src/report/events.ts';

let receiver: Receiver | undefined;
afterEach(() => receiver?.stop());

test('a receiver says what came, and when', async () => {
  receiver = await startReceiver();
  expect(await receiver.take()).toEqual({ events: 0, firstMs: Infinity, lastMs: -Infinity, delaysMs: [] });
  const written = Date.now() - 5_000;
  const body = JSON.stringify({ meta: { lastUpdated: new Date(written).toISOString() } });
  for (const _ of [1, 2]) await fetch(`${receiver.url}/Basic/a`, { method: 'PUT', body });
  const { events, firstMs, lastMs, delaysMs } = await receiver.take();
  expect(events).toBe(2);
  expect(delaysMs).toEqual([firstMs - written, lastMs - written]);
  expect((await receiver.take()).events).toBe(0);
});

test('what writes lose to Subscriptions is judged', () => {
  const figures = (ratio: number): EventFigures => ({
    throughput: [{ subscriptions: 1, events: 1_000, eventsPerSecond: 500 }],
    delay: { perSecond: 100, events: 200, p50Ms: 12, p99Ms: 40 },
    writes: [{ subscriptions: 10_000, requestsPerSecond: 2_000, ratio }],
    backlog: { changes: 10_000, changesPerSecond: 9_000, hourSeconds: 40 },
  });
  expect(eventsText(figures(0.85))).toMatch('reached');
  expect(eventsText(figures(0.84))).toMatch('MISSED');
});
