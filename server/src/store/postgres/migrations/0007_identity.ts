import { once, type Migration } from './migration.ts';

/** What the authorization server keeps: tokens and the like, secrets of users, clients and the server, failed attempts (decision 0031). */
export const identity: Migration = {
  number: 7,
  name: 'identity',
  async run(tx, schema) {
    // hash: SHA-256 of model and token. payload: sealed with the key of SECRET_KEY_FILE, since it repeats the token.
    await tx.query(
      once(`CREATE TABLE ${schema}.identity_artifact (
        hash bytea PRIMARY KEY,
        model text COLLATE "C" NOT NULL,
        payload bytea NOT NULL,
        grant_id text COLLATE "C",
        uid bytea,
        session_uid bytea,
        account text COLLATE "C",
        client text COLLATE "C",
        created timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires timestamptz,
        consumed timestamptz)`),
    );
    for (const column of ['grant_id', 'uid', 'session_uid', 'account', 'client', 'expires']) {
      const name = `identity_artifact_${column}`;
      await tx.query(
        once(`CREATE INDEX ${name} ON ${schema}.identity_artifact (${column}) WHERE ${column} IS NOT NULL`),
      );
    }
    // owner: the resource whose secret it is, or 'server'. value: a hash, or sealed.
    await tx.query(
      once(`CREATE TABLE ${schema}.identity_secret (
        owner text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        value bytea NOT NULL,
        updated timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (owner, kind))`),
    );
    // key: SHA-256 of an account's or an address's name. ticket: of the attempt that counted last.
    await tx.query(
      once(`CREATE TABLE ${schema}.identity_attempt (
        key bytea PRIMARY KEY,
        attempts integer NOT NULL,
        ticket uuid NOT NULL,
        last timestamptz NOT NULL DEFAULT clock_timestamp(),
        locked_until timestamptz)`),
    );
  },
};
