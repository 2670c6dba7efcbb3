import { DATABASES, openDatabase } from '../database/database.ts';
import { addresseeOf } from '../generator/addressee.ts';
import { Connection } from '../generator/connection.ts';
import { encodeRequest } from '../generator/encode.ts';
import { sendResource } from '../processes/sendResource.ts';
import { startServer } from '../processes/serverProcess.ts';
import type { Target } from '../processes/target.ts';
import type { BenchOptions } from '../options.ts';
import { serverOptions } from '../settings.ts';
import { measureTerminology, type TerminologyFigures, type TerminologyServer } from './measure.ts';

/** Measures terminology of a server of its own, whose store has nothing else. */
export const runTerminology = async (
  options: BenchOptions,
  postgresUrl: string,
): Promise<TerminologyFigures[]> => {
  const database = await openDatabase(postgresUrl, false, DATABASES.terminology);
  try {
    const server = await startServer(serverOptions(options, database.url, 'terminology'));
    try {
      return await measureTerminology(terminologyServer(server), options.rounds);
    } finally {
      await server.stop();
    }
  } finally {
    await database.close();
  }
};

/** Asked by the same client as the other cases: a general one takes about as long as the server. */
const terminologyServer = (server: Target): TerminologyServer => ({
  store: async (path, resource) => {
    await sendResource(server, 'PUT', path, resource);
  },
  ask: (paths) => timesOf(server, paths),
});

async function timesOf(server: Target, paths: readonly string[]): Promise<number[]> {
  const addressee = addresseeOf(server);
  const requests = paths.map((path) => encodeRequest({ method: 'GET', path, answer: '' }, addressee));
  const timesMs: number[] = [];
  const faults: string[] = [];
  let at = 0;
  await new Connection({
    host: addressee.host,
    port: addressee.port,
    next: () => requests[at++],
    checking: () => false,
    answered: (elapsedMs) => timesMs.push(elapsedMs),
    failed: (what) => faults.push(what),
  }).run();
  if (faults.length > 0) throw new Error(faults[0]);
  return timesMs;
}
