import { recordOf } from '../../../src/audit/encode.ts';
import type { AuditRecord } from '../../../src/audit/record.ts';
import { AuditTable } from '../../../src/store/audit/auditTable.ts';
import { openDatabase, type Database } from '../../../src/store/postgres/database.ts';
import { until } from '../../audit/support.ts';
import { testConnection } from '../../support/postgres.ts';

/** The audit log of a test server, read where it lies. */
export class TestAuditLog {
  readonly #database: Database;
  readonly #table: AuditTable;

  private constructor(database: Database, schema: string) {
    this.#database = database;
    this.#table = new AuditTable(database, schema);
  }

  static async open(schema: string): Promise<TestAuditLog> {
    return new TestAuditLog(await openDatabase({ connection: await testConnection() }), schema);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async all(): Promise<AuditRecord[]> {
    const found: AuditRecord[] = [];
    for await (const rows of this.#table.between(0, Number.MAX_SAFE_INTEGER))
      found.push(...rows.map(recordOf));
    return found;
  }

  /** The records of a request, once there are so many: those that it wrote itself, and those from the journal. */
  async of(requestId: string, count = 1): Promise<AuditRecord[]> {
    let found: AuditRecord[] = [];
    await until(async () => {
      found = (await this.all()).filter((record) => record.requestId === requestId);
      return found.length >= count;
    }, `${count} records of the request ${requestId} are in the log`);
    return found;
  }
}
