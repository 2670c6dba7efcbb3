import { Pool, type ClientConfig, type PoolClient, type QueryResult } from 'pg';
import { FhirError } from '../../fhir/outcome.ts';
import { SILENCE_MARGIN_MS, StoreClient, type Statement } from './client.ts';
import { databaseAway, databaseCrowded, endsConnection, isCrowded, isStale, readLost } from './failures.ts';
import { setUpSession, type Session } from './session.ts';
import { watchSilence } from './silence.ts';

export interface ClientPoolOptions {
  config: ClientConfig;
  session: Session;
  connectionsMax: number;
  onAway: (reason: unknown) => void;
}

const IDLE_MS_MAX = 60_000;
/** Longest wait for one of the connections to come free. */
const TURN_MS_MAX = 20_000;
/** Whoever closes has let requests end before; 10 s after a SIGTERM all must be over. */
const CLOSE_MS_MAX = 1000;

/** Connections for one user at a time: transactions and searches. */
export class ClientPool {
  readonly #options: ClientPoolOptions;
  readonly #pool: Pool;
  readonly #clients = new Set<StoreClient>();

  constructor(options: ClientPoolOptions) {
    this.#options = options;
    const setUp = (client: unknown): Promise<void> => setUpSession(client as StoreClient, options.session);
    this.#pool = new Pool({
      ...options.config,
      Client: StoreClient,
      max: options.connectionsMax,
      idleTimeoutMillis: IDLE_MS_MAX,
      connectionTimeoutMillis: TURN_MS_MAX,
      onConnect: setUp as unknown as (client: unknown) => void,
    });
    this.#pool.on('error', options.onAway);
    this.#pool.on('connect', (client) => this.#clients.add(client as unknown as StoreClient));
    this.#pool.on('remove', (client) => this.#clients.delete(client as unknown as StoreClient));
  }

  /**
   * Lends a connection. One that broke, or is worn, is not lent again.
   * @throws FhirError busy when there is none: nothing was sent then
   */
  async lend<T>(use: (client: StoreClient) => Promise<T>): Promise<T> {
    const pooled = await this.#acquire();
    const client = pooled as unknown as StoreClient;
    try {
      return await use(client);
    } finally {
      pooled.release(client.lost || client.worn);
    }
  }

  /** Runs one statement that changes nothing. */
  read(statement: Statement): Promise<QueryResult> {
    return this.lend(async (client) => {
      try {
        return await this.runOn(client, statement);
      } catch (error) {
        if (isStale(error)) return this.runOn(client, statement);
        throw client.lost ? readLost() : error;
      }
    });
  }

  /** Runs a statement on a lent connection; `lost` of the client tells afterwards whether an error was one of the connection. */
  runOn(client: StoreClient, statement: Statement): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      const silence = watchSilence(
        () => ({ waiting: true, bytesRead: client.bytesRead }),
        this.#options.session.statementTimeoutMs + SILENCE_MARGIN_MS,
        () => client.cut(),
      );
      client.send(statement, (error, result) => {
        clearInterval(silence);
        if (!error) return resolve(result);
        if (endsConnection(error)) client.cut();
        if (isStale(error)) client.renew(statement.name);
        reject(error);
      });
    });
  }

  async #acquire(): Promise<PoolClient> {
    const crowded = this.#pool.totalCount >= this.#options.connectionsMax && this.#pool.idleCount === 0;
    try {
      return await this.#pool.connect();
    } catch (error) {
      if (error instanceof FhirError) throw error;
      if (crowded || isCrowded(error)) throw databaseCrowded();
      this.#options.onAway(error);
      throw databaseAway();
    }
  }

  /** Lets what runs end, but not for long. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#clients.forEach((client) => client.cut()), CLOSE_MS_MAX);
    await this.#pool.end();
    clearTimeout(timer);
  }
}
