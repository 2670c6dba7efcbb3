import path from 'node:path';
import { startEmbeddedPostgres } from '../../../server/src/store/postgres/embedded/start.ts';
import { urlOf } from './url.ts';

/** A PostgreSQL of this machine to measure on. */
export interface Postgres {
  /** Of any database on it. */
  url: string;
  stop(): Promise<void>;
}

/**
 * The one of DATABASE_URL, which must run on this machine (its processor time is read from /proc), or an embedded one like
 * the server's own, in a folder of its own below `folder`.
 */
export const openPostgres = async (folder: string): Promise<Postgres> => {
  const given = process.env.DATABASE_URL;
  if (given) return { url: given, stop: async () => undefined };
  const embedded = await startEmbeddedPostgres({
    dataDir: path.join(folder, 'database'),
    onProgress: (what) => console.error(what),
  });
  return { url: urlOf(embedded.connection), stop: () => embedded.stop() };
};
