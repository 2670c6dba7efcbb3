import type { ClientConfig } from 'pg';
import { hasDebianPostgres, startDebianPostgres } from '../../support/debianPostgres.ts';
import { testConnection } from '../../support/postgres.ts';

/** A PostgreSQL that a test file runs against. */
export interface Server {
  name: string;
  start(): Promise<{ connection: string | ClientConfig; stop(): Promise<void> }>;
}

const ours: Server = {
  name: 'the embedded PostgreSQL (or DATABASE_URL)',
  start: async () => ({ connection: await testConnection(), stop: () => Promise.resolve() }),
};

const debian: Server = {
  name: "Debian's PostgreSQL 15 by URL",
  start: async () => {
    const { url, stop } = await startDebianPostgres();
    return { connection: url, stop };
  },
};

/** What the store must run on. */
export const servers = (whatSkips: string): Server[] =>
  hasDebianPostgres(whatSkips) ? [ours, debian] : [ours];
