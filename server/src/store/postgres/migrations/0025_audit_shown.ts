import { once, type Migration } from './migration.ts';

/** Of many records that were moved together: what they show besides what `audit_record.keys` has. Rows are only ever added. */
export const AUDIT_SHOWN_TABLE = 'audit_shown';

/**
 * A page of a search shows twenty resources, and twenty entries of the log's index took PostgreSQL four times as long as the record itself. What large
 * batches show stands in one filter for each batch instead (decision 0068).
 */
export const auditShown: Migration = {
  number: 25,
  name: 'audit-shown',
  async run(tx, schema) {
    // first, last: places of the batch, among which may be others. filter: see store/audit/shownFilter.ts.
    await tx.query(
      once(`CREATE TABLE ${schema}.${AUDIT_SHOWN_TABLE} (
        first bigint PRIMARY KEY,
        last bigint NOT NULL,
        filter bytea NOT NULL)`),
    );
    // A compressed value would be read as a whole for each of its bits.
    await tx.query(once(`ALTER TABLE ${schema}.${AUDIT_SHOWN_TABLE} ALTER filter SET STORAGE EXTERNAL`));
    await tx.query(
      once(`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.${AUDIT_SHOWN_TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.audit_refuse()`),
    );
  },
};
