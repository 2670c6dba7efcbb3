import { once, type Migration } from './migration.ts';

/** What people prove by who they are, besides a password: second factors, passkeys, accounts elsewhere (decision 0034). */
export const credentials: Migration = {
  number: 10,
  name: 'credentials',
  async run(tx, schema) {
    // hash: SHA-256 of kind and what it is found by. value: sealed with the key of SECRET_KEY_FILE.
    // counter: only grows: time step of the last code, signature counter of a passkey.
    await tx.query(
      once(`CREATE TABLE ${schema}.identity_credential (
        hash bytea PRIMARY KEY,
        account text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        value bytea NOT NULL,
        counter bigint NOT NULL DEFAULT 0,
        created timestamptz NOT NULL DEFAULT clock_timestamp(),
        used timestamptz)`),
    );
    await tx.query(
      once(`CREATE INDEX identity_credential_account ON ${schema}.identity_credential (account)`),
    );
  },
};
