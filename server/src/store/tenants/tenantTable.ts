import { randomBytes } from 'node:crypto';
import type { Database } from '../postgres/database.ts';
import { once } from '../postgres/migrations/migration.ts';

/** A tenant: a store beside the main one. */
export interface TenantRow {
  name: string;
  /** Of no other tenant, also of none that was before it: whoever still has that one in mind finds nothing. */
  schema: string;
  /** `making`, `removing`: it was begun, and can be repeated. */
  state: 'making' | 'ready' | 'removing';
  made: Date;
}

/** Lower-case words with hyphens between: safe in a path, a URL and a schema's name. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
export const TENANT_NAME_CHARS_MAX = 30;

export const isTenantName = (name: string): boolean =>
  name.length <= TENANT_NAME_CHARS_MAX && NAME.test(name);

/** Channel of NOTIFY on which servers hear that a tenant was made or is being removed: its name. */
export const tenantChannel = (mainSchema: string): string => `maxray_tenants_${mainSchema}`;

const SCHEMA_BYTES = 4;

/** `city-hospital` -> `t_city_hospital_3f9a12bc`. */
const newSchema = (name: string): string =>
  `t_${name.replaceAll('-', '_')}_${randomBytes(SCHEMA_BYTES).toString('hex')}`;

/** The table `tenant` of the main store. */
export class TenantTable {
  readonly #database: Database;
  readonly #table: string;
  readonly #channel: string;

  /** @param mainSchema of the main store */
  constructor(database: Database, mainSchema: string) {
    this.#database = database;
    this.#table = `"${mainSchema}".tenant`;
    this.#channel = tenantChannel(mainSchema);
  }

  async find(name: string): Promise<TenantRow | undefined> {
    const text = `SELECT name, schema, state, made FROM ${this.#table} WHERE name = $1`;
    const { rows } = await this.#database.read({ name: 'tenant-find', text, values: [name] });
    return rows[0] as TenantRow | undefined;
  }

  /** All, by name. */
  async all(): Promise<TenantRow[]> {
    const text = `SELECT name, schema, state, made FROM ${this.#table} ORDER BY name`;
    return (await this.#database.read(once(text))).rows as unknown as TenantRow[];
  }

  /** The tenant of this name; noted as one that is being made when there is none. @returns undefined when there are as many as may be */
  async begin(name: string, tenantsMax: number): Promise<TenantRow | undefined> {
    return this.#database.transaction(async (tx) => {
      await tx.query(once(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [this.#table]));
      const { rows: known } = await tx.query(
        once(`SELECT name, schema, state, made FROM ${this.#table} WHERE name = $1`, [name]),
      );
      if (known[0]) return known[0] as TenantRow;
      const { rows } = await tx.query(
        once(
          `INSERT INTO ${this.#table} (name, schema, state) SELECT $1, $2, 'making'
           WHERE (SELECT count(*) FROM ${this.#table}) < $3 RETURNING name, schema, state, made`,
          [name, newSchema(name), tenantsMax],
        ),
      );
      return rows[0] as TenantRow | undefined;
    });
  }

  /** It is made, and from now on served. @returns false when it is not being made any more */
  async settle({ name, schema }: TenantRow): Promise<boolean> {
    const text = `UPDATE ${this.#table} SET state = 'ready' WHERE name = $1 AND schema = $2 AND state = 'making' RETURNING name`;
    return this.#announced(text, [name, schema]);
  }

  /** From now on no server serves it. */
  async leave({ name, schema }: TenantRow): Promise<void> {
    const text = `UPDATE ${this.#table} SET state = 'removing' WHERE name = $1 AND schema = $2 RETURNING name`;
    await this.#announced(text, [name, schema]);
  }

  /** Nothing is left of it. */
  async forget({ name, schema }: TenantRow): Promise<void> {
    const text = `DELETE FROM ${this.#table} WHERE name = $1 AND schema = $2 RETURNING name`;
    await this.#announced(text, [name, schema]);
  }

  async #announced(change: string, values: unknown[]): Promise<boolean> {
    const text = `WITH changed AS (${change}) SELECT pg_notify($${values.length + 1}, name) FROM changed`;
    return (await this.#database.write(once(text, [...values, this.#channel]))).rows.length > 0;
  }
}
