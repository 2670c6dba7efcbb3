import { Client } from 'pg';
import { findEmbeddedPostgres } from '../../../src/store/postgres/embedded/start.ts';
import { until } from '../../support/program.ts';

/** What is under way in the database, and the advisory locks that are held. */
const OPEN = `
  SELECT 'transaction of ' || application_name || ', ' || state AS what FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
  UNION ALL SELECT 'prepared transaction' FROM pg_prepared_xacts
  UNION ALL SELECT 'advisory lock of ' || coalesce(application_name, 'nobody')
  FROM pg_locks LEFT JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory'`;

/**
 * Resolves when nothing that was asked for is under way any more in the embedded database of a data folder.
 *
 * @throws Error that says what is left hanging
 */
export async function allEnded(dataDir: string): Promise<void> {
  const database = new Client(findEmbeddedPostgres(dataDir)!);
  await database.connect();
  let open: unknown[] = [];
  try {
    await until(async () => (open = (await database.query(OPEN)).rows).length === 0, 'everything ended');
  } catch (error) {
    throw new Error(`left hanging: ${JSON.stringify(open)}`, { cause: error });
  } finally {
    await database.end();
  }
}
