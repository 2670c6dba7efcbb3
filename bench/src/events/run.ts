import { TARGET_CONNECTIONS } from '../cases/case.ts';
import { DATABASES } from '../database/database.ts';
import type { Load } from '../measure/side.ts';
import type { BenchOptions } from '../options.ts';
import { settingsOf } from '../settings.ts';
import { measureBacklog } from './backlog.ts';
import { measureDelay } from './delay.ts';
import type { EventFigures, WritesBeside } from './figures.ts';
import { subscribe } from './subscriptions.ts';
import { measureThroughput } from './throughput.ts';
import { openWorld, type EventsWorld } from './world.ts';
import { measureWrites } from './writes.ts';

/** Subscriptions that are told of the same event. */
const MANY = 10;
/** Beside which writes are measured, in rising order. */
const UNRELATED = [100, 10_000] as const;
/** All creations, spelled differently, so that each is compared by itself. */
const everything = (at: number): string => `Observation?status:not=none-${at}`;

/** Measures events with servers of their own. */
export const runEvents = async (options: BenchOptions, postgresUrl: string): Promise<EventFigures> => {
  const { warmupMs, measureMs, rounds } = settingsOf(options);
  const loadOf = (world: EventsWorld): Load => ({
    database: world.database,
    connections: TARGET_CONNECTIONS,
    warmupMs,
    measureMs,
  });
  const crowded = await openWorld(options, postgresUrl, DATABASES.crowded);
  const told = await openWorld(options, postgresUrl, DATABASES.told);
  try {
    const writes: WritesBeside[] = [];
    let had = 0;
    for (const subscriptions of UNRELATED) {
      // The other has none yet.
      writes.push(await measureWrites([crowded, told], loadOf(crowded), { rounds, subscriptions, had }));
      had = subscriptions;
    }
    const backlog = await measureBacklog(crowded, loadOf(crowded));
    const { url } = told.receiver;
    await subscribe(told.database, told.server, url, [everything(0)]);
    const one = await measureThroughput(told, loadOf(told), 1);
    const delay = await measureDelay(told, measureMs);
    await subscribe(
      told.database,
      told.server,
      url,
      Array.from({ length: MANY - 1 }, (_, at) => everything(1 + at)),
    );
    const many = await measureThroughput(told, loadOf(told), MANY);
    return { throughput: [one, many], delay, writes, backlog };
  } finally {
    await crowded.close();
    await told.close();
  }
};
