import type { DataPlan } from '../data/plan.ts';
import { openDatabase, type BenchDatabase } from '../database/database.ts';
import type { BenchOptions } from '../options.ts';
import { startServer } from '../processes/serverProcess.ts';
import type { Target } from '../processes/target.ts';
import { serverOptions, settingsOf } from '../settings.ts';
import { startReceiver, type Receiver } from './receiver/receiverProcess.ts';

/** A server with an empty store, and who is told of its events. */
export interface EventsWorld {
  server: Target;
  database: BenchDatabase;
  receiver: Receiver;
  plan: DataPlan;
  close(): Promise<void>;
}

/** @param name of the database on the PostgreSQL */
export const openWorld = async (
  options: BenchOptions,
  postgresUrl: string,
  name: string,
): Promise<EventsWorld> => {
  const opened: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).reverse()) await one();
  };
  try {
    const database = await openDatabase(postgresUrl, false, name);
    opened.push(() => database.close());
    const server = await startServer(serverOptions(options, database.url, name));
    opened.push(() => server.stop());
    const receiver = await startReceiver();
    opened.push(() => receiver.stop());
    return { server, database, receiver, plan: settingsOf(options).plan, close };
  } catch (error) {
    await close();
    throw error;
  }
};
