import type { Database } from '../postgres/database.ts';
import { resourceTablesDdl } from './resourceTables.ts';

/** SQLSTATE of a query on a table that is not there. */
export const UNDEFINED_TABLE = '42P01';

/** Makes the tables of a resource type when it is first written, and remembers which are there. */
export class ResourceTypes {
  readonly #database: Database;
  readonly #schema: string;
  readonly #made = new Map<string, Promise<void>>();
  /** That have tables: these stay as long as the store. */
  readonly #seen = new Set<string>();

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /** Resolves when the tables of the type exist. */
  ensure(type: string): Promise<void> {
    let made = this.#made.get(type);
    if (made === undefined) {
      made = this.#make(type);
      this.#made.set(type, made);
      made.catch(() => this.#made.delete(type));
    }
    return made;
  }

  /** Types that have tables, by any process. */
  async existing(): Promise<string[]> {
    const result = await this.#database.read({
      name: 'resource-types',
      text: `SELECT name FROM "${this.#schema}".resource_type ORDER BY name`,
      values: [],
    });
    return result.rows.map((row) => row.name as string);
  }

  /** Which of some types have tables, by any process: asked only where one is not known to. */
  async existingOf(types: readonly string[]): Promise<ReadonlySet<string>> {
    if (!types.every((type) => this.#seen.has(type))) {
      for (const type of await this.existing()) this.#seen.add(type);
    }
    return new Set(types.filter((type) => this.#seen.has(type)));
  }

  async #make(type: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const query = (text: string, values: unknown[] = []) => tx.query({ name: '', text, values });
      await query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`${this.#schema}.resource_type`]);
      const known = await query(`SELECT 1 FROM "${this.#schema}".resource_type WHERE name = $1`, [type]);
      if (known.rows.length > 0) return;
      await query(resourceTablesDdl(this.#schema, type).join(';\n'));
      await query(`INSERT INTO "${this.#schema}".resource_type (name) VALUES ($1)`, [type]);
    });
  }
}

/** Runs a query whose tables may not exist yet: then there is nothing to find. */
export async function orWhenNoTable<T>(query: Promise<T>, empty: T): Promise<T> {
  try {
    return await query;
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return empty;
    throw error;
  }
}
