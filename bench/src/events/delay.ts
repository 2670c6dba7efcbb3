import { setTimeout as sleep } from 'node:timers/promises';
import { observation } from '../data/observation.ts';
import { percentile } from '../measure/statistics.ts';
import { sendResource } from '../processes/sendResource.ts';
import { until } from '../processes/until.ts';
import type { Delay } from './figures.ts';
import type { EventsWorld } from './world.ts';

const PER_SECOND = 100;
const TICK_MS = 1_000 / PER_SECOND;

/** Writes 100 resources a second, evenly, and asks the receiver how old each was when it came. */
export const measureDelay = async (
  { server, receiver, plan }: EventsWorld,
  measureMs: number,
): Promise<Delay> => {
  await receiver.take();
  const wanted = Math.ceil(measureMs / TICK_MS);
  const beganMs = performance.now();
  const sent: Promise<unknown>[] = [];
  for (let at = 0; at < wanted; at += 1) {
    await sleep(Math.max(0, beganMs + at * TICK_MS - performance.now()));
    const body = { ...observation(plan, plan.observations + at), id: undefined };
    sent.push(sendResource(server, 'POST', '/Observation', body));
  }
  await Promise.all(sent);
  const delaysMs: number[] = [];
  await until(async () => {
    delaysMs.push(...(await receiver.take()).delaysMs);
    return delaysMs.length >= wanted;
  }, 'every event has arrived');
  delaysMs.sort((a, b) => a - b);
  const [p50Ms, p99Ms] = [percentile(delaysMs, 50), percentile(delaysMs, 99)];
  return { perSecond: PER_SECOND, events: wanted, p50Ms, p99Ms };
};
