import type { Indexer } from '../index/rows.ts';
import type { Database } from '../postgres/database.ts';
import { verifyType } from './verifyType.ts';
import type { VerifyReport } from './types.ts';

/**
 * Recounts every index row from the content, and every version from the change rows, in one snapshot: others may
 * go on writing.
 *
 * @param onProgress told after each resource type
 */
export async function verifyStore(
  database: Database,
  schema: string,
  indexer: Indexer,
  onProgress: (message: string) => void,
): Promise<VerifyReport> {
  return database.transaction(async (tx) => {
    const report: VerifyReport = { resources: 0, versions: 0, indexRows: 0, differences: [] };
    await tx.query({
      name: '',
      text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
      values: [],
    });
    // This one does read whole tables (see session.ts).
    await tx.query({ name: '', text: 'SET LOCAL enable_seqscan = on', values: [] });
    const types = await tx.query({
      name: '',
      text: `SELECT name FROM "${schema}".resource_type ORDER BY name`,
      values: [],
    });
    for (const { name } of types.rows as { name: string }[]) {
      await verifyType(tx, schema, name, indexer, report);
      onProgress(`${name}: ${report.resources} resources, ${report.differences.length} differences so far`);
    }
    return report;
  });
}
