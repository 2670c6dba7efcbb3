import { DATABASES, openDatabase } from '../database/database.ts';
import { askInTurn } from '../generator/askInTurn.ts';
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
  ask: (paths) =>
    askInTurn(
      server,
      paths.map((path) => ({ method: 'GET', path, answer: '' })),
    ),
});
