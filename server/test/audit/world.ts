import { AuditKeys } from '../../src/audit/auditKeys.ts';
import { recordOf, rowOf, type PlacedRecord } from '../../src/audit/encode.ts';
import { Journal, type JournalOptions } from '../../src/audit/journal/journal.ts';
import { Mover } from '../../src/audit/journal/mover.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import { AuditSearch } from '../../src/audit/search/auditSearch.ts';
import { CheckpointCopies, readCopies } from '../../src/audit/sealing/copies.ts';
import { Sealer } from '../../src/audit/sealing/sealer.ts';
import { openSigningKey, readTrusted } from '../../src/audit/sealing/signingKey.ts';
import { verifyAudit, type Verified } from '../../src/audit/sealing/verify.ts';
import { auditLayout } from '../../src/audit/layout.ts';
import { AuditSearchTable } from '../../src/store/audit/auditSearchTable.ts';
import { AuditTable } from '../../src/store/audit/auditTable.ts';
import { CheckpointTable } from '../../src/store/audit/checkpointTable.ts';
import { makeFolder } from '../../src/store/makeFolder.ts';
import type { Database } from '../../src/store/postgres/database.ts';
import { readStoreSecret } from '../../src/store/postgres/migrations/storeSecret.ts';
import { until } from './support.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

/** The parts of the room over a store of its own. */
export interface AuditWorld extends TestDatabase {
  keys: AuditKeys;
  table: AuditTable;
  checkpoints: CheckpointTable;
  search: AuditSearch;
  logged: string[];
  sealer(dataDir: string): Sealer;
  /** The same over other connections. */
  sealerOn(database: Database, dataDir: string): Sealer;
  /** Seals everything: other transactions of the same PostgreSQL may have to end first. */
  sealAll(dataDir: string, sealer?: Sealer): Promise<void>;
  verify(dataDir: string): Promise<Verified>;
  write(...records: AuditRecord[]): Promise<void>;
  all(): Promise<PlacedRecord[]>;
  /** A journal with its mover, as one server process has it. */
  process(root: string, options?: Partial<JournalOptions>): { journal: Journal; mover: Mover };
}

export async function auditWorld(): Promise<AuditWorld> {
  const test = await testDatabase();
  const { database, schema } = test;
  const keys = new AuditKeys(await readStoreSecret(database, schema));
  const table = new AuditTable(database, schema);
  const checkpoints = new CheckpointTable(database, schema);
  const logged: string[] = [];
  const log = (level: string, message: string) => void logged.push(`${level} ${message}`);
  const sealerOn = (connections: Database, dataDir: string) => {
    const layout = auditLayout(dataDir);
    return new Sealer({
      table: new AuditTable(connections, schema),
      checkpoints: new CheckpointTable(connections, schema),
      key: openSigningKey(layout.key, layout.publicKeys),
      copies: new CheckpointCopies(layout.copies),
      log,
    });
  };
  return {
    ...test,
    keys,
    table,
    checkpoints,
    search: new AuditSearch(new AuditSearchTable(database, schema), keys),
    logged,
    sealer: (dataDir) => sealerOn(database, dataDir),
    async sealAll(dataDir, sealer = sealerOn(database, dataDir)) {
      const text = `SELECT coalesce(max(place), 0) AS place FROM "${schema}".audit_record`;
      const { rows } = await database.read({ name: '', text, values: [] });
      const place = Number((rows[0] as { place: string }).place);
      await until(async () => (await sealer.seal()) >= place, 'all is sealed');
    },
    sealerOn,
    verify(dataDir) {
      const layout = auditLayout(dataDir);
      const { copies } = readCopies(layout.copies);
      return verifyAudit({ table, checkpoints, trusted: readTrusted(layout.publicKeys), copies });
    },
    write: (...records) => table.write(records.map((record) => rowOf(record, keys))),
    async all() {
      const found: PlacedRecord[] = [];
      for await (const rows of table.between(0, Number.MAX_SAFE_INTEGER))
        found.push(...rows.map((row) => ({ place: row.place, record: recordOf(row) })));
      return found;
    },
    process(root, options = {}) {
      makeFolder(root);
      const space = { usedBytes: 0, maxBytes: 2 ** 30 };
      const journal = new Journal({ root, strict: false, space, keys, log, ...options });
      const mover = new Mover(journal, { root, table, keys, space: options.space ?? space, log });
      return { journal, mover };
    },
  };
}
