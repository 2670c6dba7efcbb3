import type { Access } from '../access/access.ts';

/** On whose behalf a request acts. Every method of Records takes one: there is no access for nobody. */
export interface Caller {
  /** Stable identity; bound into page cursors, so that one caller cannot use another's. */
  id: string;
  /** Whether how the server works may be shown: how a search runs, with its SQL. */
  isAdministrator: boolean;
  /** What may be done; `unrestricted`: everything. */
  access: Access | 'unrestricted';
}

/** Whoever can reach the loopback interface of this machine (until identity is wired, the only caller). */
export const LOCAL_CALLER: Caller = { id: 'local', isAdministrator: true, access: 'unrestricted' };
