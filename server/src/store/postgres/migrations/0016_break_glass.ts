import { once, type Migration } from './migration.ts';

/** Records that were opened in an emergency (decision 0038). Whatever changes there decides who may do what, so all servers are told. */
export const breakGlass: Migration = {
  number: 16,
  name: 'break-glass',
  async run(tx, schema) {
    // account: `User/id`. patient: an id. reason, ended_by: as they were given; nothing of a row changes but when it ends.
    await tx.query(
      once(`CREATE TABLE ${schema}.emergency_access (
        id uuid PRIMARY KEY,
        account text COLLATE "C" NOT NULL,
        patient text COLLATE "C" NOT NULL,
        reason text NOT NULL,
        started timestamptz NOT NULL,
        expires timestamptz NOT NULL,
        ended timestamptz,
        ended_by text COLLATE "C")`),
    );
    await tx.query(
      once(`CREATE INDEX emergency_access_account ON ${schema}.emergency_access (account, started DESC)`),
    );
    await tx.query(
      once(`CREATE INDEX emergency_access_started ON ${schema}.emergency_access (started DESC, id)`),
    );
    await tx.query(
      once(`CREATE TRIGGER emergency_access_changed AFTER INSERT OR UPDATE OR DELETE ON ${schema}.emergency_access
        FOR EACH ROW EXECUTE FUNCTION ${schema}.administration_changed()`),
    );
  },
};
