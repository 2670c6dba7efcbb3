import { Audit, type AuditSettings } from '../audit/audit.ts';
import type { AuditEventName } from '../audit/events.ts';
import { OUTCOME } from '../audit/record.ts';
import type { Database } from '../store/postgres/database.ts';
import { reasonOf, type Log } from '../store/postgres/log.ts';
import { readStoreSecret } from '../store/postgres/migrations/storeSecret.ts';
import type { Lifetime } from './lifetime.ts';

export interface AuditParts {
  settings: AuditSettings;
  database: Database;
  schema: string;
  dataDir: string;
  /** Absolute URL of the FHIR base. */
  base: string;
  log: Log;
}

/** Opens the audit log. @throws StartError when its key cannot be used */
export type OpenAudit = (parts: AuditParts) => Promise<Audit>;

/**
 * Makes room in the `lifetime` for an audit log that is opened later: what is begun after this call, and what that answers until its
 * end, is still recorded.
 */
export function auditUntilEnd(lifetime: Lifetime): OpenAudit {
  let audit: Audit | undefined;
  lifetime.atEnd(async () => {
    if (audit === undefined) return;
    await audit.append(ofServer('server-stopped')).catch(() => undefined); // a full journal has said so
    await audit.stop();
  });
  return async ({ settings, database, schema, dataDir, base, log }) => {
    const secret = await readStoreSecret(database, schema);
    audit = new Audit({ database, schema, secret, base, dataDir, settings, log });
    audit.start();
    await audit.append(ofServer('server-started')).catch((error: unknown) => {
      log('error', `the start of the server is not in the audit log: ${reasonOf(error)}`);
    });
    return audit;
  };
}

const ofServer = (event: AuditEventName) => ({
  recordedMs: Date.now(),
  event,
  outcome: OUTCOME.success,
  agent: {},
  patients: [],
  resources: [],
});
