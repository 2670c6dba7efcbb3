import { store } from './0001_store.ts';
import { binary } from './0002_binary.ts';
import { reindex } from './0003_reindex.ts';
import { jobs } from './0004_jobs.ts';
import { orderedRows } from './0005_ordered_rows.ts';
import { terminology } from './0006_terminology.ts';
import { identity } from './0007_identity.ts';
import { audit } from './0008_audit.ts';
import { administration } from './0009_administration.ts';
import { credentials } from './0010_credentials.ts';
import { events } from './0011_events.ts';
import { consents } from './0012_consents.ts';
import { tenants } from './0013_tenants.ts';
import { rateLimits } from './0014_rate_limits.ts';
import { erasure } from './0015_erasure.ts';
import { auditStatistics } from './0017_audit_statistics.ts';
import { breakGlass } from './0016_break_glass.ts';
import { deletedAccounts } from './0018_deleted_accounts.ts';
import { schedules } from './0019_schedules.ts';
import { connected } from './0020_connected.ts';
import { orderNumbers } from './0021_order_numbers.ts';
import { erasedStudies } from './0022_erased_studies.ts';
import { historyInline } from './0023_history_inline.ts';
import { auditIndexes } from './0024_audit_indexes.ts';
import { auditShown } from './0025_audit_shown.ts';
import { changeSignatures } from './0026_change_signatures.ts';
import type { Migration } from './migration.ts';

/** In order. */
export const MIGRATIONS: readonly Migration[] = [
  store,
  binary,
  reindex,
  jobs,
  orderedRows,
  terminology,
  identity,
  audit,
  administration,
  credentials,
  events,
  consents,
  tenants,
  rateLimits,
  erasure,
  breakGlass,
  auditStatistics,
  deletedAccounts,
  schedules,
  connected,
  orderNumbers,
  erasedStudies,
  historyInline,
  auditIndexes,
  auditShown,
  changeSignatures,
];
