import type { EmbeddedConnection } from './postmaster.ts';

/** A PostgreSQL that this process runs. */
export interface EmbeddedPostgres {
  readonly connection: EmbeddedConnection;
  /** Changes when the postmaster had to be started again. */
  readonly postmasterPid: number;
  /** True when a postmaster left behind by a killed server was found running. */
  readonly reused: boolean;
  /** Fast shutdown; resolves when PostgreSQL is gone and the data folder is free. Safe to call twice. */
  stop(): Promise<void>;
}
