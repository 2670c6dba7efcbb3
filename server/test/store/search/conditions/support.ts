import type { Definitions, SearchParameterDefinition } from '../../../../src/fhir/definitions/types.ts';
import type { Resource } from '../../../../src/fhir/resource.ts';
import type { Condition } from '../../../../src/fhir/search/ast.ts';
import { createIndexer } from '../../../../src/store/index/indexer.ts';
import { createIndexQuery, type IndexQuery } from '../../../../src/store/index/query.ts';
import type { Database } from '../../../../src/store/postgres/database.ts';
import { contentParts } from '../../../../src/store/resource/content.ts';
import type { Indexer } from '../../../../src/store/index/rows.ts';
import { RowIds } from '../../../../src/store/resource/rowIds.ts';
import { Writer } from '../../../../src/store/resource/writer.ts';
import { ResourceTypes } from '../../../../src/store/schema/resourceTypes.ts';
import { conditionSql } from '../../../../src/store/search/conditions/conditionSql.ts';
import { Aliases, contextOf, type JoinShape } from '../../../../src/store/search/conditions/context.ts';
import { SqlParameters } from '../../../../src/store/search/sqlParameters.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { testDatabase } from '../../../support/postgres.ts';

export const OWN_BASE = 'http://maxray.example/fhir/R4';
const SECRET = new Uint8Array(16).fill(7);

/** Both, because the answer must not depend on it. */
const SHAPES: readonly JoinShape[] = ['set', 'probe'];

/** A store of the test file's own, and short words to fill it and ask it. */
export class ConditionWorld {
  readonly definitions: Definitions;
  readonly index: IndexQuery;
  readonly database: Database;
  readonly schema: string;
  readonly #writer: Writer;
  readonly #indexer: Indexer;
  readonly #types: ResourceTypes;
  readonly #close: () => Promise<void>;
  /** What `ap` takes for now. */
  nowMs = Date.UTC(2026, 0, 1);

  private constructor(
    definitions: Definitions,
    { database, schema, close }: Awaited<ReturnType<typeof testDatabase>>,
  ) {
    this.definitions = definitions;
    this.database = database;
    this.schema = schema;
    this.index = createIndexQuery(definitions, SECRET, { publicBase: OWN_BASE });
    this.#types = new ResourceTypes(database, schema);
    this.#writer = new Writer(database, schema, this.#types, new RowIds(database, schema), this.index);
    this.#close = close;
    this.#indexer = createIndexer(definitions, SECRET, { publicBase: OWN_BASE });
  }

  static async open(connection?: string): Promise<ConditionWorld> {
    const definitions = await r4Definitions();
    return new ConditionWorld(definitions, await testDatabase(connection ? { connection } : {}));
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Stores `Type/id`. */
  async put(reference: string, members: object = {}): Promise<void> {
    const [type, id] = reference.split('/') as [string, string];
    const resource = { resourceType: type, id, ...members } as Resource;
    const index = this.#indexer.index(resource);
    await this.#writer.write({ method: 'U', type, id, content: contentParts(resource, id), index });
  }

  /** Stores resources of one type, each under its name. */
  async putAll(type: string, resources: Readonly<Record<string, object>>): Promise<void> {
    for (const [id, members] of Object.entries(resources)) await this.put(`${type}/${id}`, members);
  }

  async delete(reference: string): Promise<void> {
    const [type, id] = reference.split('/') as [string, string];
    await this.#writer.write({ method: 'D', type, id });
  }

  parameter(type: string, code: string): SearchParameterDefinition {
    const found = this.definitions.searchParameter(type, code);
    if (!found) throw new Error(`no parameter ${code} of ${type}`);
    return found;
  }

  /** The ids that satisfy a condition, in order; asserts that both join shapes agree, and that NOT finds all others. */
  async find(type: string, condition: Condition): Promise<string[]> {
    const types = new Set(await this.#types.existing());
    const [set, probe] = await Promise.all(SHAPES.map((shape) => this.#run(type, condition, shape, types)));
    if (JSON.stringify(set) !== JSON.stringify(probe)) throw new Error(`set: ${set}, probe: ${probe}`);
    return set!;
  }

  async #run(type: string, condition: Condition, joins: JoinShape, types: Set<string>): Promise<string[]> {
    const parameters = new SqlParameters();
    const { sql, tables } = this.#sql(type, condition, parameters, joins, types);
    const again = this.#sql(type, { kind: 'not', condition }, parameters, joins, types).sql;
    const { rows } = await this.database.search({
      name: '',
      text: `SELECT m.id, m.method, ${sql} AS found, ${again} AS others FROM ${tables.resource} m ORDER BY m.id`,
      values: parameters.values,
    });
    const found = await this.#filtered(type, condition, joins, types);
    for (const row of rows) {
      if (row.found === null || row.others === null) throw new Error(`NULL for ${String(row.id)}: ${sql}`);
      if (row.found === row.others)
        throw new Error(`NOT does not turn it round for ${String(row.id)}: ${sql}`);
      const isFound = row.found === true && row.method !== 'D';
      if (isFound !== found.includes(row.id as string)) throw new Error(`WHERE and SELECT differ: ${sql}`);
    }
    return found;
  }

  /** As a search does it: the planner makes joins of what stands in WHERE. */
  async #filtered(
    type: string,
    condition: Condition,
    joins: JoinShape,
    types: Set<string>,
  ): Promise<string[]> {
    const parameters = new SqlParameters();
    const { sql, tables } = this.#sql(type, condition, parameters, joins, types);
    const text = `SELECT m.id FROM ${tables.resource} m WHERE m.method <> 'D' AND ${sql} ORDER BY m.id`;
    const { rows } = await this.database.search({ name: '', text, values: parameters.values });
    return rows.map((row) => row.id as string);
  }

  #sql(type: string, condition: Condition, parameters: SqlParameters, joins: JoinShape, types: Set<string>) {
    const { schema, index, nowMs } = this;
    const hasTable = (name: string) => types.has(name);
    const shared = { schema, index, parameters, aliases: new Aliases(), nowMs, hasTable, joins };
    const context = contextOf(shared, type, 'm');
    return { sql: conditionSql(context, condition), tables: context.tables };
  }

  /** The SQL of a condition and its parameters, with the schema and the quotes of tables left out. */
  sqlOf(type: string, condition: Condition, joins: JoinShape = 'set'): { sql: string; values: unknown[] } {
    const parameters = new SqlParameters();
    const every = new Set(this.definitions.resourceTypes);
    const { sql } = this.#sql(type, condition, parameters, joins, every);
    const table = new RegExp(`"${this.schema}"\\."(\\w+)"`, 'g');
    return { sql: sql.replace(table, '$1'), values: parameters.values };
  }
}
