import type { Database } from './postgres/database.ts';

/** Absolute URL of the FHIR base under which the store was last served. */
export const PUBLIC_BASE_SETTING = 'public-base';

/** The FHIR base for which all index rows are right. */
export const INDEX_BASE_SETTING = 'index-base';

/** Form of the index rows that the store's resources were written with. */
export const INDEX_FORM_SETTING = 'index-form';
/** Raised whenever the same content gives other index rows than before. */
export const INDEX_FORM = '8';

/** Small facts about a store, kept in its own table: which demo was loaded, ... */
export class Settings {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  async read(name: string): Promise<string | undefined> {
    const text = `SELECT value FROM "${this.#schema}".setting WHERE name = $1`;
    const result = await this.#database.read({ name: 'setting-read', text, values: [name] });
    return result.rows[0]?.value as string | undefined;
  }

  async write(name: string, value: string): Promise<void> {
    const text = `INSERT INTO "${this.#schema}".setting (name, value) VALUES ($1, $2)
                  ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
    await this.#database.write({ name: 'setting-write', text, values: [name, value] });
  }

  /** All whose name begins with a text, by name. */
  async startingWith(prefix: string): Promise<{ name: string; value: string }[]> {
    const text = `SELECT name, value FROM "${this.#schema}".setting WHERE starts_with(name, $1) ORDER BY name`;
    const { rows } = await this.#database.read({ name: 'settings-starting', text, values: [prefix] });
    return rows as unknown as { name: string; value: string }[];
  }

  async remove(name: string): Promise<void> {
    const text = `DELETE FROM "${this.#schema}".setting WHERE name = $1`;
    await this.#database.write({ name: 'setting-remove', text, values: [name] });
  }
}
