import type { Database, Transaction } from '../postgres/database.ts';

/** A concept of a closure table, and the version in which it came. */
export interface ClosureConcept {
  system: string;
  code: string;
  version: number;
}

export interface ClosureTable {
  version: number;
  /** The same as `version` where nothing was new. */
  versionBefore: number;
  concepts: ClosureConcept[];
}

const once = (text: string, values: unknown[]) => ({ name: '', text, values });

/** The closure tables of clients (http://hl7.org/fhir/R4/terminology-service.html#closure): which concepts each one has met. */
export class Closures {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  /** Makes a table, or an old one empty. */
  async reset(name: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await tx.query(once(`DELETE FROM "${this.#schema}".closure WHERE name = $1`, [name]));
      await tx.query(
        once(`INSERT INTO "${this.#schema}".closure (name) VALUES ($1) ON CONFLICT DO NOTHING`, [name]),
      );
    });
  }

  /**
   * Adds concepts.
   *
   * @returns every concept of the table, those just added with the new version, that version, and the one before this call; `unknown`
   * when there is no such table
   */
  async add(
    name: string,
    concepts: readonly { system: string; code: string }[],
    conceptsMax: number,
  ): Promise<ClosureTable | 'unknown' | 'too many'> {
    return this.#database.transaction(async (tx) => {
      const table = await tx.query(
        once(`SELECT version FROM "${this.#schema}".closure WHERE name = $1 FOR UPDATE`, [name]),
      );
      if (table.rows.length === 0) return 'unknown';
      const { version: versionBefore } = table.rows[0] as { version: number };
      const before = await this.#concepts(tx, name);
      const known = new Set(before.map(({ system, code }) => `${system} ${code}`));
      const added = concepts.filter(({ system, code }) => !known.has(`${system} ${code}`));
      if (known.size + added.length > conceptsMax) return 'too many';
      if (added.length === 0) return { version: versionBefore, versionBefore, concepts: before };
      const version = versionBefore + 1;
      await tx.query(
        once(`UPDATE "${this.#schema}".closure SET version = $2 WHERE name = $1`, [name, version]),
      );
      await tx.query(
        once(
          `INSERT INTO "${this.#schema}".closure_concept (name, system, code, version)
           SELECT $1, c.system, c.code, $4 FROM unnest($2::text[], $3::text[]) AS c(system, code) ON CONFLICT DO NOTHING`,
          [name, added.map(({ system }) => system), added.map(({ code }) => code), version],
        ),
      );
      return { version, versionBefore, concepts: await this.#concepts(tx, name) };
    });
  }

  async #concepts(tx: Transaction, name: string): Promise<ClosureConcept[]> {
    const text = `SELECT system, code, version FROM "${this.#schema}".closure_concept WHERE name = $1 ORDER BY version, system, code`;
    return (await tx.query(once(text, [name]))).rows as unknown as ClosureConcept[];
  }
}
