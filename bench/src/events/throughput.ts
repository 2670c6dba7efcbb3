import { measureSide, type Load } from '../measure/side.ts';
import { until } from '../processes/until.ts';
import { createSide } from './createSide.ts';
import type { Throughput } from './figures.ts';
import type { EventsWorld } from './world.ts';

/**
 * Creates as fast as 16 connections do, every one of which all Subscriptions are told of.
 *
 * @param subscriptions how many there are
 */
export const measureThroughput = async (
  { server, database, receiver, plan }: EventsWorld,
  load: Load,
  subscriptions: number,
): Promise<Throughput> => {
  const before = await created(database.client);
  await receiver.take();
  await measureSide(createSide(server, plan), load);
  const wanted = ((await created(database.client)) - before) * subscriptions;
  let [events, firstMs, lastMs] = [0, Infinity, -Infinity];
  await until(async () => {
    const some = await receiver.take();
    events += some.events;
    firstMs = Math.min(firstMs, some.firstMs);
    lastMs = Math.max(lastMs, some.lastMs);
    return events >= wanted;
  }, 'every event has arrived');
  return { subscriptions, events, eventsPerSecond: (events * 1_000) / (lastMs - firstMs) };
};

const created = async (client: EventsWorld['database']['client']): Promise<number> => {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM maxray.changes WHERE type = 'Observation'`,
  );
  return rows[0]?.count ?? 0;
};
