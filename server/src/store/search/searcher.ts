import type { SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import type { SearchQuery } from '../../fhir/search/ast.ts';
import type { IndexQuery } from '../index/query.ts';
import type { Database, Statement } from '../postgres/database.ts';
import { PAGE_BYTES_MAX, pageSql } from '../pageBytes.ts';
import { storedVersion } from '../resource/reader.ts';
import type { StoredVersion } from '../resource/types.ts';
import { orWhenNoTable } from '../schema/resourceTypes.ts';
import { canSearch } from './conditions/canSearch.ts';
import { conditionSql } from './conditions/conditionSql.ts';
import { Aliases, contextOf } from './conditions/context.ts';
import { SqlParameters } from './sqlParameters.ts';

/** A page of matches; `next` is the row id after which the following page begins. */
export interface FoundPage {
  matches: StoredVersion[];
  next?: string;
}

/** Runs searches: AST -> SQL -> page. Pages are in the order of the row ids, so they are stable while others write. */
export class Searcher {
  readonly #database: Database;
  readonly #schema: string;
  readonly #index: IndexQuery;

  constructor(database: Database, schema: string, index: IndexQuery) {
    this.#database = database;
    this.#schema = schema;
    this.#index = index;
  }

  /** Whether {@link search} takes this parameter with this modifier. */
  supports(type: string, parameter: SearchParameterDefinition, modifier: string | undefined): boolean {
    return canSearch(this.#index, type, parameter, modifier);
  }

  /** @param after row id at which the preceding page ended */
  async search(query: SearchQuery, after?: string): Promise<FoundPage> {
    if (query.count === 0) return { matches: [] };
    const statement = searchStatement(this.#schema, this.#index, query, after);
    const rows = await orWhenNoTable(
      this.#database.search(statement).then((result) => result.rows),
      [],
    );
    const page = rows.slice(0, query.count).filter((row) => row.fits);
    const matches = page.map((row) => storedVersion(row as never));
    return rows.length > page.length ? { matches, next: String(page.at(-1)!.rid) } : { matches };
  }
}

/** The SQL of one page; one row more than the page has is read, to know whether there is another. */
export function searchStatement(
  schema: string,
  index: IndexQuery,
  query: SearchQuery,
  after?: string,
): Statement {
  const parameters = new SqlParameters();
  const { type, conditions: wanted } = query.searches[0]!;
  const shared = {
    schema,
    index,
    parameters,
    aliases: new Aliases(),
    nowMs: Date.now(),
    hasTable: () => true,
  };
  const context = contextOf(shared, type, 'm');
  const conditions = ["m.method <> 'D'", ...wanted.map((condition) => conditionSql(context, condition))];
  if (after !== undefined) conditions.push(`m.rid > ${parameters.add(after)}`);
  const columns = 'rid, id, version, last_updated, method';
  const found = `SELECT ${columns}, content FROM ${context.tables.resource} m
WHERE ${conditions.join(' AND ')} ORDER BY m.rid LIMIT ${parameters.add(query.count + 1)}`;
  const text = pageSql(found, columns, 'rid', parameters.add(PAGE_BYTES_MAX));
  return { name: '', text, values: parameters.values };
}
