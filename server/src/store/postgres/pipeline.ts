import type { ClientConfig, QueryResult } from 'pg';
import type { FhirError } from '../../fhir/outcome.ts';
import { SILENCE_MARGIN_MS, StoreClient, type Statement } from './client.ts';
import { databaseAway, endsConnection, isStale } from './failures.ts';
import { setUpSession, type Session } from './session.ts';
import { watchSilence } from './silence.ts';

export interface PipelineOptions {
  config: ClientConfig;
  session: Session;
  /** The error for a statement whose answer got lost with the connection. */
  lostAnswer: () => FhirError;
  /** What is sent in one turn of the event loop goes out as one write. */
  gathers: boolean;
  /** Called when the connection is lost or cannot be made again. */
  onAway: (reason: unknown) => void;
  onBack: () => void;
}

const RECONNECT_DELAY_MS_MIN = 20;
const RECONNECT_DELAY_MS_MAX = 1000;
/** Whoever closes has let requests end before; 10 s after a SIGTERM all must be over. */
const CLOSE_MS_MAX = 1000;
/** As many statements may wait on one connection while others have nothing to do, as long as it answers ... */
const FLOWING_STATEMENTS_MAX = 16;
/** ... and the last answer came so long ago at most: then none of them waits for a slow one. */
const FLOWING_MS_MAX = 5;

/**
 * One connection on which statements follow each other without waiting for answers, each a transaction of its own. It comes back
 * by itself when it is lost; in the meantime statements fail at once.
 */
export class Pipeline {
  /** Statements without an answer yet. */
  inFlight = 0;
  readonly #options: PipelineOptions;
  #client: StoreClient | undefined;
  #connecting: StoreClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout;
  #closed = false;
  #replacing = false;
  /** When it had the last answer, or something to do again. */
  #movedMs = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#silence = watchSilence(
      () => ({ waiting: this.inFlight > 0, bytesRead: this.#client?.bytesRead ?? 0 }),
      options.session.statementTimeoutMs + SILENCE_MARGIN_MS,
      () => this.#client?.cut(),
    );
  }

  get ready(): boolean {
    return this.#client !== undefined && !this.#client.lost;
  }

  /** Whether what is sent now is answered soon, though other statements may be before it. */
  get flows(): boolean {
    if (!this.ready || this.inFlight === 0) return this.ready;
    return this.inFlight < FLOWING_STATEMENTS_MAX && performance.now() - this.#movedMs < FLOWING_MS_MAX;
  }

  /** Connects, once. @throws whatever is in the way */
  async connect(): Promise<void> {
    const client = new StoreClient({ ...this.#options.config, pipeline: true }, this.#options.gathers);
    this.#connecting = client;
    try {
      await client.connect();
      await setUpSession(client, this.#options.session);
    } catch (error) {
      client.cut();
      throw error;
    } finally {
      this.#connecting = undefined;
    }
    if (client.lost || this.#closed) throw new Error('the connection was lost again');
    this.#client = client;
    const lost = (reason?: Error): void => this.#lost(client, reason);
    client.once('error', lost);
    client.once('end', lost);
    this.#options.onBack();
  }

  /** Runs a statement. A stale preparation is renewed, once; nothing else is ever sent twice. */
  run(statement: Statement): Promise<QueryResult> {
    return new Promise((resolve, reject) => this.#send(statement, true, resolve, reject));
  }

  #send(
    statement: Statement,
    mayRenew: boolean,
    resolve: (result: QueryResult) => void,
    reject: (error: Error) => void,
  ): void {
    const client = this.#client;
    if (!client || client.lost) return reject(databaseAway());
    if (this.inFlight === 0) this.#movedMs = performance.now();
    this.inFlight += 1;
    client.send(statement, (error, result) => {
      this.inFlight -= 1;
      this.#movedMs = performance.now();
      if (!error) return resolve(result);
      if (mayRenew && isStale(error)) {
        client.renew(statement.name);
        return this.#send(statement, false, resolve, reject);
      }
      reject(client.lost || endsConnection(error) ? this.#options.lostAnswer() : error);
    });
    if (client.worn && !this.#replacing) void this.#replace(client);
  }

  /** Puts a new connection in place of a worn one; what is in flight there is still answered. */
  async #replace(worn: StoreClient): Promise<void> {
    this.#replacing = true;
    try {
      await this.connect();
    } catch (error) {
      if (this.#closed) return;
      setTimeout(() => (this.#replacing = false), RECONNECT_DELAY_MS_MAX).unref();
      if (this.ready) return;
      this.#options.onAway(error);
      this.#reconnect(RECONNECT_DELAY_MS_MIN);
      return;
    }
    this.#replacing = false;
    await worn.end().catch(() => worn.cut());
  }

  #lost(client: StoreClient, reason: unknown): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    if (this.#closed) return;
    this.#options.onAway(reason);
    if (!this.#replacing) this.#reconnect(RECONNECT_DELAY_MS_MIN); // else another is on its way
  }

  /** Waits between half and all of the delay, so that many connections do not come back in step. */
  #reconnect(delayMs: number): void {
    this.#timer = setTimeout(
      () => {
        this.connect().catch((error: unknown) => {
          if (this.#closed) return;
          this.#options.onAway(error);
          this.#reconnect(Math.min(delayMs * 2, RECONNECT_DELAY_MS_MAX));
        });
      },
      delayMs * (0.5 + Math.random() / 2),
    );
  }

  /** Lets statements in flight end, but not for long. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#silence);
    this.#connecting?.cut();
    const client = this.#client;
    if (!client || client.lost) return;
    const timer = setTimeout(() => client.cut(), CLOSE_MS_MAX);
    await client.end();
    clearTimeout(timer);
  }
}

/** Of the connections that work; any when none does. */
export function leastBusy(pipelines: readonly Pipeline[]): Pipeline {
  let best = pipelines[0] as Pipeline;
  for (const one of pipelines) {
    if (one.ready && (!best.ready || one.inFlight < best.inFlight)) best = one;
  }
  return best;
}

/**
 * The first of the connections that flows, so that statements gather there: several connections at work on few processors take each other's
 * time. Else the least busy one.
 */
export function flowingFirst(pipelines: readonly Pipeline[]): Pipeline {
  return pipelines.find(({ flows }) => flows) ?? leastBusy(pipelines);
}
