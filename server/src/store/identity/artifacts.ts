import { createHash } from 'node:crypto';
import type { Database, Statement } from '../postgres/database.ts';
import { channelOf, type Revocation } from './revocation.ts';
import type { Sealer } from './sealer.ts';

/** Something that the authorization server gave out or remembers: a token, a code, a session, a grant, ... */
export interface Artifact {
  model: string;
  /** What it is found by: for most models the secret that its owner has. */
  id: string;
  payload: object;
  /** Absent: it does not expire. */
  expiresInS?: number | undefined;
  /** The grant that it comes of, and ends with. */
  grantId?: string | undefined;
  /** A second name by which a session is found. */
  uid?: string | undefined;
  /** `uid` of the session in which it was given out. */
  sessionUid?: string | undefined;
  account?: string | undefined;
  client?: string | undefined;
}

export interface StoredArtifact {
  payload: Record<string, unknown>;
  /** Seconds since 1970: when it was used, for what may be used once. */
  consumedAtS?: number;
}

/** Models that open the FHIR API by themselves: of these, others have to know when they end. */
export const ACCESS_MODELS: readonly string[] = ['AccessToken', 'ClientCredentials'];
/** Kept after its end for so long: a late use of an old code or token is then still told from an unknown one. */
const SWEEP_AFTER_S = 3600;

/**
 * The table `identity_artifact`. A row is found by the SHA-256 of model and id, and its payload is sealed: whoever reads the table
 * can use nothing of it. Whatever ends before its time is announced to all servers (`RevocationListener`).
 */
export class ArtifactTable {
  readonly #database: Database;
  readonly #table: string;
  readonly #channel: string;
  readonly #sealer: Sealer;

  constructor(database: Database, schema: string, sealer: Sealer) {
    this.#database = database;
    this.#table = `"${schema}".identity_artifact`;
    this.#channel = channelOf(schema);
    this.#sealer = sealer;
  }

  /** Adds it, or replaces that of the same model and id. */
  async put(artifact: Artifact): Promise<void> {
    await this.#database.write({
      name: 'identity-put',
      text: `${this.#insert()} ON CONFLICT (hash) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
        session_uid = excluded.session_uid, account = excluded.account, client = excluded.client, expires = excluded.expires`,
      values: this.#values(artifact),
    });
  }

  /** @returns false when there is one of the same model and id already: then nothing was done */
  async add(artifact: Artifact): Promise<boolean> {
    const text = `${this.#insert()} ON CONFLICT DO NOTHING RETURNING 1`;
    return this.#any({ name: 'identity-add', text, values: this.#values(artifact) });
  }

  /** One that has not expired more than a while ago. */
  async find(model: string, id: string): Promise<StoredArtifact | undefined> {
    const text = `${this.#select()} WHERE hash = $1`;
    return this.#one({ name: 'identity-find', text, values: [hashOf(model, id)] });
  }

  /** One that is good now: neither expired nor used. */
  async findGood(model: string, id: string): Promise<StoredArtifact | undefined> {
    const text = `${this.#select()} WHERE hash = $1 AND consumed IS NULL AND expires > clock_timestamp()`;
    return this.#one({ name: 'identity-find-good', text, values: [hashOf(model, id)] });
  }

  async findByUid(model: string, uid: string): Promise<StoredArtifact | undefined> {
    const text = `${this.#select()} WHERE uid = $1 AND model = $2`;
    return this.#one({ name: 'identity-find-uid', text, values: [hashOf('uid', uid), model] });
  }

  /** A token that opens the FHIR API now: not expired, and its grant still there. */
  async findAccess(token: string): Promise<StoredArtifact | undefined> {
    const text = `${this.#select()} a WHERE hash IN ($1, $2) AND expires > clock_timestamp()
      AND (grant_id IS NULL OR EXISTS (SELECT FROM ${this.#table} g WHERE g.grant_id = a.grant_id AND g.model = 'Grant'))`;
    const values = ACCESS_MODELS.map((model) => hashOf(model, token));
    return this.#one({ name: 'identity-find-access', text, values });
  }

  /** Marks it as used. @returns false when it was used before, or is not there */
  async consume(model: string, id: string): Promise<boolean> {
    const text = `UPDATE ${this.#table} SET consumed = clock_timestamp() WHERE hash = $1 AND consumed IS NULL RETURNING 1`;
    return this.#any({ name: 'identity-consume', text, values: [hashOf(model, id)] });
  }

  /** Uses what is good once. Undefined when it expired, was used before, or is not there: of two at once, one gets it. */
  async take(model: string, id: string): Promise<StoredArtifact | undefined> {
    const text = `UPDATE ${this.#table} SET consumed = clock_timestamp() WHERE hash = $1 AND consumed IS NULL
      AND expires > clock_timestamp() RETURNING hash, payload`;
    const { rows } = await this.#database.write({
      name: 'identity-take',
      text,
      values: [hashOf(model, id)],
    });
    return rows[0] && this.#open(rows[0] as unknown as ArtifactRow);
  }

  async remove(model: string, id: string): Promise<Revocation | undefined> {
    const hash = hashOf(model, id);
    const revocation: Revocation = { kind: 'token', value: hash.toString('hex') };
    if (ACCESS_MODELS.includes(model)) return this.#revoke('hash = $3', hash, revocation);
    const text = `DELETE FROM ${this.#table} WHERE hash = $1`;
    await this.#database.write({ name: 'identity-remove', text, values: [hash] });
    return undefined;
  }

  /** Ends a grant with all that came of it. */
  removeGrant(grantId: string): Promise<Revocation> {
    return this.#revoke('grant_id = $3', grantId, { kind: 'grant', value: grantId });
  }

  /** Ends all that a user, or a client, has been given. */
  removeOf(kind: 'account' | 'client', id: string): Promise<Revocation> {
    return this.#revoke(`${kind} = $3`, id, { kind, value: id });
  }

  /** Grants that came of a session and are to end with it. */
  async grantsOfSession(
    sessionUid: string,
  ): Promise<{ grantId: string; payload: Record<string, unknown> }[]> {
    const text = `SELECT hash, payload, grant_id FROM ${this.#table} WHERE session_uid = $1 AND grant_id IS NOT NULL`;
    const { rows } = await this.#database.read({ name: '', text, values: [hashOf('uid', sessionUid)] });
    return (rows as (ArtifactRow & { grant_id: string })[]).flatMap((row) => {
      const opened = this.#open(row);
      return opened === undefined ? [] : [{ grantId: row.grant_id, payload: opened.payload }];
    });
  }

  /** What a user has of a model and is good now. */
  async ofAccount(model: string, account: string): Promise<StoredArtifact[]> {
    const text = `${this.#select()} WHERE account = $1 AND model = $2 AND expires > clock_timestamp()`;
    const { rows } = await this.#database.read({ name: '', text, values: [account, model] });
    return (rows as unknown as ArtifactRow[]).flatMap((row) => this.#open(row) ?? []);
  }

  /** Grants of a user of which a token is good now. */
  async liveGrants(account: string): Promise<LiveGrant[]> {
    const text = `SELECT g.hash, g.payload, g.grant_id, g.client, extract(epoch FROM g.created)::float8 AS since,
        extract(epoch FROM t.used)::float8 AS used
      FROM ${this.#table} g CROSS JOIN LATERAL (SELECT max(a.created) AS used FROM ${this.#table} a WHERE a.grant_id = g.grant_id
        AND a.model IN ('AccessToken', 'RefreshToken') AND a.expires > clock_timestamp() AND a.consumed IS NULL) t
      WHERE g.account = $1 AND g.model = 'Grant' AND t.used IS NOT NULL`;
    const { rows } = await this.#database.read({ name: '', text, values: [account] });
    return (rows as unknown as GrantRow[]).flatMap((row) => {
      const payload = this.#open(row)?.payload;
      const times = { sinceMs: row.since * 1000, usedAtMs: row.used * 1000 };
      return payload ? [{ grantId: row.grant_id, clientId: row.client, payload, ...times }] : [];
    });
  }

  /** Ends a session, if it is this user's; not yet what came of it. @returns whether it was */
  async removeSession(uid: string, account: string): Promise<boolean> {
    const text = `DELETE FROM ${this.#table} WHERE uid = $1 AND model = 'Session' AND account = $2 RETURNING 1`;
    return this.#any({ name: '', text, values: [hashOf('uid', uid), account] });
  }

  /** Removes what expired a while ago. @returns how many */
  async sweep(): Promise<number> {
    const text = `DELETE FROM ${this.#table} WHERE expires < clock_timestamp() - make_interval(secs => $1) RETURNING 1`;
    const { rows } = await this.#database.write({ name: 'identity-sweep', text, values: [SWEEP_AFTER_S] });
    return rows.length;
  }

  async #revoke(condition: string, value: unknown, revocation: Revocation): Promise<Revocation> {
    const text = `WITH gone AS (DELETE FROM ${this.#table} WHERE ${condition} RETURNING 1)
      SELECT pg_notify($1, $2) WHERE EXISTS (SELECT FROM gone)`;
    await this.#database.write({
      name: `identity-revoke-${revocation.kind}`,
      text,
      values: [this.#channel, `${revocation.kind} ${revocation.value}`, value],
    });
    return revocation;
  }

  #insert(): string {
    return `INSERT INTO ${this.#table} (hash, model, payload, grant_id, uid, session_uid, account, client, expires)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + make_interval(secs => $9::float8))`;
  }

  #values(artifact: Artifact): unknown[] {
    const { model, id, payload, grantId, uid, sessionUid, account, client, expiresInS } = artifact;
    const hash = hashOf(model, id);
    return [
      hash,
      model,
      this.#sealer.seal(JSON.stringify(payload), hash.toString('hex')),
      grantId ?? null,
      uid === undefined ? null : hashOf('uid', uid),
      sessionUid === undefined ? null : hashOf('uid', sessionUid),
      account ?? null,
      client ?? null,
      expiresInS ?? null,
    ];
  }

  #select(): string {
    return `SELECT hash, payload, extract(epoch FROM consumed)::float8 AS consumed FROM ${this.#table}`;
  }

  async #one(statement: Statement): Promise<StoredArtifact | undefined> {
    const { rows } = await this.#database.read(statement);
    return rows[0] && this.#open(rows[0] as unknown as ArtifactRow);
  }

  /** One that was sealed with another key is as good as gone. */
  #open({ hash, payload, consumed }: ArtifactRow): StoredArtifact | undefined {
    const text = this.#sealer.open(payload, hash.toString('hex'));
    if (text === undefined) return undefined;
    const opened = { payload: JSON.parse(text) as Record<string, unknown> };
    return typeof consumed === 'number' ? { ...opened, consumedAtS: Math.floor(consumed) } : opened;
  }

  async #any(statement: Statement): Promise<boolean> {
    return (await this.#database.write(statement)).rows.length > 0;
  }
}

/** A grant with a token that opens something. */
export interface LiveGrant {
  grantId: string;
  clientId: string;
  payload: Record<string, unknown>;
  sinceMs: number;
  /** When its last token was given out. */
  usedAtMs: number;
}

interface GrantRow extends ArtifactRow {
  grant_id: string;
  client: string;
  since: number;
  used: number;
}

interface ArtifactRow {
  hash: Buffer;
  payload: Buffer;
  consumed?: number | null;
}

/** What a row is found by. Ids have at least 120 random bits, so that a hash without a key is enough. */
export const hashOf = (model: string, id: string): Buffer =>
  createHash('sha256').update(`${model} ${id}`).digest();
