import type { Database, Statement } from './database.ts';

/**
 * The connections of a process as one of its stores uses them. A connection knows a prepared statement by its name alone, and the
 * statements of each store name another schema: so the names begin with whose they are.
 *
 * @param prefix of no other store that the process has, or had; 5 characters at most
 */
export function storeDatabase(database: Database, prefix: string): Database {
  const own = (statement: Statement): Statement =>
    statement.name === '' ? statement : { ...statement, name: `${prefix}.${statement.name}`, passing: true };
  return {
    read: (statement) => database.read(own(statement)),
    write: (statement) => database.write(own(statement)),
    search: (statement) => database.search(own(statement)),
    searchFixed: (statement) => database.searchFixed(own(statement)),
    searchQuick: (statement) => database.searchQuick(own(statement)),
    searchTimeoutMs: database.searchTimeoutMs,
    transaction: (work) =>
      database.transaction((tx) => work({ query: (statement) => tx.query(own(statement)) })),
    ready: () => database.ready(),
    close: () => Promise.resolve(), // others go on
  };
}
