import { Query, type QueryResult } from 'pg';

/** What pg makes of the description of a statement's rows (lib/result.js). */
export interface RowShape {
  fields: unknown[];
  _parsers: unknown;
  _prebuiltEmptyResultObject: unknown;
}

/** The parts of pg's query that it does not declare (lib/query.js). */
interface QueryInside {
  _result: RowShape;
  _accumulateRows: boolean;
}

type Done = (error: Error | null | undefined, result: QueryResult) => void;

/** What pg's query does when it is told what its rows look like. */
const describe = (Query.prototype as unknown as { handleRowDescription: (message: unknown) => void })
  .handleRowDescription;

/**
 * A query of pg. PostgreSQL tells with each answer what its rows look like, and pg makes more of that than of a few rows: here that is
 * done once for each prepared statement of a connection.
 */
export class StatementQuery extends Query {
  readonly #name: string;
  readonly #shapes: Map<string, RowShape>;

  /** @param shapes of the connection, by names of statements; a statement under one name has the same rows each time, or PostgreSQL refuses it */
  constructor(name: string, text: string, values: unknown[], shapes: Map<string, RowShape>, done: Done) {
    super(text, values, done);
    this.#name = name;
    this.#shapes = shapes;
    // Not by a configuration, which pg would copy member by member.
    Object.assign(this, { name });
  }

  handleRowDescription(message: unknown): void {
    const inside = this as unknown as QueryInside;
    const shape = this.#shapes.get(this.#name);
    if (shape) {
      Object.assign(inside._result, shape);
      inside._accumulateRows = true;
      return;
    }
    describe.call(this, message);
    const { fields, _parsers, _prebuiltEmptyResultObject } = inside._result;
    if (this.#name !== '') this.#shapes.set(this.#name, { fields, _parsers, _prebuiltEmptyResultObject });
  }
}
