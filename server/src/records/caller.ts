import type { Access } from '../access/access.ts';
import { NO_ACCESS } from '../access/noAccess.ts';
import type { AuditAgent } from '../audit/record.ts';
import type { Identified } from '../identity/ports.ts';
import type { WriteProvenance } from './provenance/writeProvenance.ts';
import type { Trail } from './trail/trail.ts';

/** On whose behalf a request acts. Every method of Records takes one: there is no access for nobody. */
export interface Caller {
  /** Stable identity; bound into page cursors, so that one caller cannot use another's. */
  id: string;
  /** Whether it may do what administrators do: its membership says so, and the scopes of its token leave nothing out. */
  isAdministrator: boolean;
  /** What may be done; `unrestricted`: everything. */
  access: Access | 'unrestricted';
  /** Who it is in the audit log. */
  agent: AuditAgent;
  /** What its token said, for work that it leaves behind; absent: the server itself. */
  token?: Pick<Identified, 'clientId' | 'userId' | 'profile' | 'patient' | 'scopes'>;
  /** Ids of Bots that policies let it execute; absent: none. */
  bots?: ReadonlySet<string>;
  /** Whether a policy lets the user open records in an emergency. */
  mayBreakGlass?: boolean;
  /** Reasons for which the user has opened records, by the ids of their patients. */
  emergencies?: ReadonlyMap<string, string>;
  /** What is noted with each write; absent, as for most: nothing. */
  provenance?: WriteProvenance;
  /** Told what the caller sees and does; absent: the server itself, which does not record what it loads. */
  trail?: Trail;
}

/** The server itself: what it loads at its start, and what its commands do. No request acts as it. */
export const LOCAL_CALLER: Caller = {
  id: 'local',
  isAdministrator: true,
  access: 'unrestricted',
  agent: {},
};

/** Whoever has not signed in: gets what is public, which is nothing that is stored. */
export const ANONYMOUS: Caller = { id: 'anonymous', isAdministrator: false, access: NO_ACCESS, agent: {} };
