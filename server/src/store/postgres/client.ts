import { Socket } from 'node:net';
import { Client, defaults, type ClientConfig, type QueryResult } from 'pg';
import { StatementQuery, type RowShape } from './statementQuery.ts';
import { VALUE_PARSERS } from './valueParsers.ts';

// Instants are sent in UTC: in the local zone pg rounds historical offsets to minutes.
defaults.parseInputDatesAsUTC = true;

/** Establishing a connection takes no longer, or fails. */
export const CONNECT_TIMEOUT_MS = 5000;
/** Not a byte for so much longer than the server's own statement timeout: the network is gone. */
export const SILENCE_MARGIN_MS = 2000;
/** Without traffic for so long, the operating system asks whether the other side is still there. */
const KEEP_ALIVE_DELAY_MS = 10_000;
/** PostgreSQL cuts names of prepared statements at 63 bytes; room for a generation. */
const STATEMENT_NAME_CHARS_MAX = 55;

/** A prepared statement: the same name always comes with the same text. */
export interface Statement {
  /** At most 55 characters; empty for a statement that comes only once and is not kept prepared. */
  name: string;
  text: string;
  values: unknown[];
  /** Of a store that may be closed while the connection goes on: what is prepared for it would stay for ever. */
  passing?: true;
}

/** Such statements that a connection may know, before it is replaced by one that knows none: PostgreSQL keeps some 30 KB for each. */
export const PASSING_STATEMENTS_MAX = 1_000;

/** A connection of pg that knows whether it is still of use, can be cut off, and can prepare a statement anew under the same name. */
export class StoreClient extends Client {
  /** True from the moment that the connection is known to be of no use any more. */
  lost = false;
  readonly #socket: Socket;
  readonly #generations = new Map<string, number>();
  readonly #passing = new Set<string>();
  readonly #shapes = new Map<string, RowShape>();
  readonly #gathers: boolean;
  #gathering = false;

  /** @param gathers whether what is sent in one turn of the event loop goes out as one write */
  constructor(config: ClientConfig = {}, gathers = false) {
    const socket = new Socket();
    super({
      ...config,
      password: config.password, // pg hides it from the copy above
      types: VALUE_PARSERS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      stream: () => socket,
    });
    this.#socket = socket;
    this.#gathers = gathers;
    const lose = (): void => {
      this.lost = true;
      socket.destroy();
    };
    this.on('error', lose);
    this.on('end', lose);
  }

  /** Bytes that have come on this connection. */
  get bytesRead(): number {
    return (this.connection.stream as Socket).bytesRead;
  }

  /** It knows too many statements, of which most may never come again. */
  get worn(): boolean {
    return this.#passing.size > PASSING_STATEMENTS_MAX;
  }

  /** Ends the connection at once; what is in flight fails. */
  cut(): void {
    this.lost = true;
    this.#socket.destroy();
  }

  /** Sends a statement; `done` is called once. */
  send(statement: Statement, done: (error: Error | undefined, result: QueryResult) => void): void {
    const { name, text, values } = statement;
    if (name.length > STATEMENT_NAME_CHARS_MAX)
      throw new Error(`statement name "${name}" is longer than ${STATEMENT_NAME_CHARS_MAX} characters`);
    if (statement.passing) this.#passing.add(name);
    const generation = this.#generations.get(name);
    let answered = false;
    const prepared = generation === undefined ? name : `${name}.${generation}`;
    const query = new StatementQuery(prepared, text, values, this.#shapes, (error, result) => {
      if (answered) return; // pg reports a value that cannot be sent twice
      answered = true;
      done(error ?? undefined, result);
    });
    if (this.#gathers) this.#gather();
    this.query(query);
  }

  /**
   * Keeps what is sent until the end of this turn of the event loop: with many requests at once, handing small statements over
   * one by one costs both sides more than carrying them out. Batches of writes are better sent at once.
   */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#socket.cork();
    setImmediate(() => {
      this.#gathering = false;
      this.#socket.uncork();
    });
  }

  /** From now on the statement is prepared anew: what the server has under its name is of no use. */
  renew(name: string): void {
    this.#generations.set(name, (this.#generations.get(name) ?? 0) + 1);
  }
}
