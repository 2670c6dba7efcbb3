import type { Database } from '../../postgres/database.ts';
import { tableNames } from '../../schema/names.ts';

/** How long to wait for a table that another is analysing already. */
const LOCK_TIMEOUT = '2s';

/** Has PostgreSQL look at a type's tables now: autovacuum comes up to a minute after a load, and searches come at once. */
export async function analyseType(database: Database, schema: string, type: string): Promise<void> {
  const { resource, strings, ranges, ordered } = tableNames(schema, type);
  await database.transaction(async (tx) => {
    // It writes nothing that a history would have to wait for.
    await tx.query({ name: '', text: `SET LOCAL application_name = 'maxray-analyse'`, values: [] });
    await tx.query({ name: '', text: `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`, values: [] });
    await tx.query({ name: '', text: `ANALYZE ${resource}, ${strings}, ${ranges}, ${ordered}`, values: [] });
  });
}
