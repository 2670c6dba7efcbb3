import { bytesOnDisk, type TypeBytes } from './database/bytes.ts';
import type { BenchDatabase } from './database/database.ts';
import { loadFloorTables } from './database/floorTables.ts';
import { isLoaded, markLoaded } from './database/marker.ts';
import type { DataPlan } from './data/plan.ts';
import { loadServer, type LoadReport } from './load/load.ts';
import { progress } from './load/progress.ts';
import { peakMemoryBytes } from './measure/proc.ts';
import type { Target } from './processes/target.ts';

export interface Prepared {
  /** Absent where an earlier run's data were there. */
  load?: LoadReport;
  bytes: TypeBytes[];
  peakMemoryBytes: number;
}

/** Brings the plan's data into the server and the floors' tables, unless they are there, and measures them on disk. */
export const prepareData = async (
  database: BenchDatabase,
  server: Target,
  plan: DataPlan,
): Promise<Prepared> => {
  const { client } = database;
  const isThere = await isLoaded(client, plan);
  const load = isThere ? undefined : await loadServer(server.port, plan, progress('load'));
  if (!isThere) {
    await loadFloorTables(client, plan);
    await markLoaded(client, plan);
    // Merges pending index entries and gathers statistics, as autovacuum does in its own time.
    await client.query('VACUUM ANALYZE');
  }
  return {
    ...(load && { load }),
    bytes: await bytesOnDisk(client),
    peakMemoryBytes: peakMemoryBytes(server.pid),
  };
};
