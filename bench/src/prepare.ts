import { bytesOnDisk, type TypeBytes } from './database/bytes.ts';
import { openDatabase, type BenchDatabase } from './database/database.ts';
import { loadFloorTables } from './database/floorTables.ts';
import { isLoaded, markLoaded } from './database/marker.ts';
import type { DataPlan } from './data/plan.ts';
import { loadServer, type LoadReport } from './load/load.ts';
import { progress } from './load/progress.ts';
import { peakMemoryBytes } from './measure/proc.ts';
import type { Target } from './processes/target.ts';

/** What a database is to hold. */
export interface WantedData {
  plan: DataPlan;
  /** Whether floors are to run on it. */
  withFloors: boolean;
  /** Use what an earlier run loaded, if it is just that. */
  reuse: boolean;
}

export interface Prepared {
  /** Absent where an earlier run's data were there. */
  load?: LoadReport;
  bytes: TypeBytes[];
  peakMemoryBytes: number;
}

/** Opens a database that is empty or holds what is wanted. */
export const openFor = async (adminUrl: string, name: string, wanted: WantedData): Promise<BenchDatabase> => {
  if (wanted.reuse) {
    const kept = await openDatabase(adminUrl, true, name);
    if (await isLoaded(kept.client, wanted.plan, wanted.withFloors)) return kept;
    await kept.close();
  }
  return openDatabase(adminUrl, false, name);
};

/** Brings the data into the server and the floors' tables, unless they are there, and measures them on disk. */
export const prepareData = async (
  database: BenchDatabase,
  server: Target,
  { plan, withFloors }: WantedData,
): Promise<Prepared> => {
  const { client } = database;
  const isThere = await isLoaded(client, plan, withFloors);
  const load = isThere ? undefined : await loadServer(server, plan, progress('load'));
  if (!isThere) {
    if (withFloors) await loadFloorTables(client, plan);
    await markLoaded(client, plan, withFloors);
    // Merges pending index entries and gathers statistics, as autovacuum does in its own time.
    await client.query('VACUUM ANALYZE');
  }
  return {
    ...(load && { load }),
    bytes: await bytesOnDisk(client),
    peakMemoryBytes: peakMemoryBytes(server.pid),
  };
};
