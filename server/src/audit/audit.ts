import { isBusy } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { AuditRow } from '../store/audit/auditRow.ts';
import { AuditSearchTable } from '../store/audit/auditSearchTable.ts';
import { AuditTable } from '../store/audit/auditTable.ts';
import { CheckpointTable } from '../store/audit/checkpointTable.ts';
import { ForwardTable } from '../store/audit/forwardTable.ts';
import { makeFolder } from '../store/makeFolder.ts';
import type { Database, Statement } from '../store/postgres/database.ts';
import { reasonOf, type Log } from '../store/postgres/log.ts';
import { auditEvent } from './auditEvent/render.ts';
import { AuditKeys } from './auditKeys.ts';
import { fitting, rowOf, type PlacedRecord } from './encode.ts';
import { FileSink } from './forward/fileSink.ts';
import { Forwarder } from './forward/forwarder.ts';
import type { Sink } from './forward/sink.ts';
import { SyslogSink, type SyslogTarget, type SyslogTls } from './forward/syslogSink.ts';
import { Journal } from './journal/journal.ts';
import { Mover } from './journal/mover.ts';
import { auditLayout, journalsOf } from './layout.ts';
import type { AuditRecord } from './record.ts';
import { CheckpointCopies } from './sealing/copies.ts';
import { Sealer } from './sealing/sealer.ts';
import { openSigningKey } from './sealing/signingKey.ts';
import { AuditSearch } from './search/auditSearch.ts';

/** Bytes that journals may take while the database does not take their records. */
export const JOURNAL_BYTES_MAX = 2 ** 30;

export interface AuditSettings {
  /** Whether a record is on the disk before an answer leaves (AUDIT=strict). */
  strict: boolean;
  journalBytesMax: number;
  /** PEM file of the Ed25519 key; absent: one in the data folder, made when it is not there. */
  keyFile?: string;
  syslog?: { target: SyslogTarget; tls: SyslogTls };
  /** File for AuditEvents as JSON lines. */
  file?: string;
}

export interface AuditOptions {
  database: Database;
  schema: string;
  /** The store's hash secret, 16 bytes. */
  secret: Uint8Array;
  /** Absolute URL of the FHIR base. */
  base: string;
  dataDir: string;
  settings: AuditSettings;
  log: Log;
}

/** The audit log: takes records, keeps them, seals them, finds them, sends them on. */
export class Audit {
  readonly search: AuditSearch;
  readonly #base: string;
  readonly #keys: AuditKeys;
  readonly #table: AuditTable;
  readonly #journal: Journal;
  readonly #mover: Mover;
  readonly #sealer: Sealer;
  readonly #forwarders: Forwarder[];
  readonly #log: Log;

  /** @throws StartError when the key cannot be used */
  constructor({ database, schema, secret, base, dataDir, settings, log }: AuditOptions) {
    const layout = auditLayout(dataDir);
    makeFolder(layout.folder, 0o700);
    const root = journalsOf(layout, secret);
    makeFolder(layout.journals, 0o700);
    makeFolder(root, 0o700);
    const key = openSigningKey(settings.keyFile ?? layout.key, layout.publicKeys);
    const checkpoints = new CheckpointTable(database, schema);
    this.#base = base;
    this.#log = log;
    this.#keys = new AuditKeys(secret);
    this.#table = new AuditTable(database, schema);
    this.search = new AuditSearch(new AuditSearchTable(database, schema), this.#keys);
    const space = { usedBytes: 0, maxBytes: settings.journalBytesMax };
    this.#journal = new Journal({ root, strict: settings.strict, space, keys: this.#keys, log });
    this.#mover = new Mover(this.#journal, { root, table: this.#table, keys: this.#keys, space, log });
    const copies = new CheckpointCopies(layout.copies);
    this.#sealer = new Sealer({ table: this.#table, checkpoints, key, copies, log });
    const forwards = new ForwardTable(database, schema);
    this.#forwarders = sinksOf(settings, base).map(
      (sink) => new Forwarder(sink, { table: this.#table, checkpoints, forwards, log }),
    );
  }

  /** Begins to move, seal and send; journals of processes that have ended are taken over. */
  start(): void {
    this.#mover.start();
    this.#sealer.start();
    for (const forwarder of this.#forwarders) forwarder.start();
  }

  /**
   * Records what was read, refused, or done outside of a transaction: to be awaited before the answer leaves.
   * @throws FhirError busy when it cannot be recorded: then it must not be answered
   */
  append(record: AuditRecord): Promise<void> {
    return this.#journal.append(record);
  }

  /** Rows that a write stores in its own transaction, by `auditInsert`; of records of one resource each, in their order. */
  rows(records: readonly AuditRecord[]): AuditRow[] {
    return records.flatMap(fitting).map((record) => rowOf(record, this.#keys));
  }

  /** A statement that stores records, for a transaction that is open. */
  statement(records: readonly AuditRecord[]): Statement {
    return this.#table.statement(this.rows(records));
  }

  /** A record as clients see it. */
  event(record: PlacedRecord): Resource {
    return auditEvent(record, this.#base);
  }

  /**
   * Moves and seals what is there, if the database lets it. Nothing is appended any more.
   *
   * @param sealWithinMs how long it waits for transactions that hold up the end of the seal
   */
  async stop(sealWithinMs = 0): Promise<void> {
    await this.#journal.close();
    await this.#mover.stop();
    await this.#sealer.stop();
    try {
      await this.#sealer.sealToEnd(sealWithinMs);
    } catch (error) {
      const text = `the audit log could not be sealed to the end, the next start does it: ${reasonOf(error)}`;
      this.#log(isBusy(error) ? 'warn' : 'error', text);
    }
    for (const forwarder of this.#forwarders) await forwarder.stop();
  }
}

function sinksOf({ syslog, file }: AuditSettings, base: string): Sink[] {
  const sinks: Sink[] = [];
  if (syslog !== undefined) sinks.push(new SyslogSink(syslog.target, syslog.tls, base));
  if (file !== undefined) sinks.push(new FileSink(file, base));
  return sinks;
}
