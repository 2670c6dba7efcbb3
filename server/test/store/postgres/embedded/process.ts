import { errorsToStderr } from '../../../../src/store/postgres/log.ts';
import { startEmbeddedPostgres } from '../../../../src/store/postgres/embedded/start.ts';

/** A server's process, as far as the embedded PostgreSQL is concerned: says how the start went, stops when standard input ends. */
const dataDir = process.argv[2] ?? '';
const say = (what: object): boolean => process.stdout.write(`${JSON.stringify(what)}\n`);
try {
  const postgres = await startEmbeddedPostgres({ dataDir, log: errorsToStderr });
  const { connection, postmasterPid, reused } = postgres;
  say({ connection, postmasterPid, reused });
  process.stdin.resume().once('end', () => void postgres.stop().then(() => process.exit(0)));
} catch (error) {
  say({ error: (error as Error).name, message: (error as Error).message });
  process.exitCode = 1;
}
