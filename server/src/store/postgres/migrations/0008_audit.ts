import { once, type Migration } from './migration.ts';

/** Tables of which rows are only ever added: whoever runs the server may not change them (store/audit/runningRole.ts). */
export const APPEND_ONLY_TABLES = ['audit_record', 'audit_checkpoint'] as const;

/** The audit log (decision 0032). */
export const audit: Migration = {
  number: 8,
  name: 'audit',
  async run(tx, schema) {
    // place: the order of the log. kind, outcome: numbers of audit/events.ts. keys: keyed hashes. payload: JSON of the rest.
    await tx.query(
      once(`CREATE TABLE ${schema}.audit_record (
        place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        recorded_ms bigint NOT NULL,
        kind smallint NOT NULL,
        outcome smallint NOT NULL,
        version integer,
        keys bigint[] NOT NULL,
        payload text NOT NULL)`),
    );
    await tx.query(once(`ALTER TABLE ${schema}.audit_record ALTER keys SET STORAGE MAIN`));
    await tx.query(once(`ALTER TABLE ${schema}.audit_record ALTER keys SET STATISTICS 1000`));
    await tx.query(
      once(`CREATE INDEX audit_record_recorded ON ${schema}.audit_record (recorded_ms DESC, place DESC)`),
    );
    await tx.query(
      once(
        `CREATE INDEX audit_record_keys ON ${schema}.audit_record USING gin (keys) WITH (gin_pending_list_limit = 256)`,
      ),
    );
    // A range of places, sealed: (the checkpoint before, last]. leaves: place and beginning of the hash of each record.
    await tx.query(
      once(`CREATE TABLE ${schema}.audit_checkpoint (
        number bigint PRIMARY KEY,
        last bigint NOT NULL,
        records integer NOT NULL,
        sealed_ms bigint NOT NULL,
        leaves bytea NOT NULL,
        chain bytea NOT NULL,
        key text NOT NULL,
        signature bytea NOT NULL)`),
    );
    await tx.query(once(`CREATE INDEX audit_checkpoint_last ON ${schema}.audit_checkpoint (last, number)`));
    // Up to which of its records a journal of a process has been moved into the log.
    await tx.query(
      once(`CREATE TABLE ${schema}.audit_journal (id uuid PRIMARY KEY, position bigint NOT NULL)`),
    );
    // Up to which place records were sent elsewhere, and who is at it.
    await tx.query(
      once(`CREATE TABLE ${schema}.audit_forward (
        sink text COLLATE "C" PRIMARY KEY,
        place bigint NOT NULL DEFAULT 0,
        holder uuid,
        held_until timestamptz)`),
    );
    await tx.query(
      once(`CREATE FUNCTION ${schema}.audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END $$`),
    );
    for (const table of APPEND_ONLY_TABLES) {
      await tx.query(
        once(`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.${table}
          FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.audit_refuse()`),
      );
    }
  },
};
