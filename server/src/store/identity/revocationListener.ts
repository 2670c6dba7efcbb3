import type { ClientConfig } from 'pg';
import { StoreClient } from '../postgres/client.ts';
import { reasonOf, type Log } from '../postgres/log.ts';
import { setUpSession } from '../postgres/session.ts';
import { channelOf, readRevocation, type Revocation } from './revocation.ts';

export interface RevocationListenerOptions {
  connection: string | ClientConfig;
  schema: string;
  onRevoked(revocation: Revocation): void;
  /** Messages may have been missed: whatever was remembered may be wrong. */
  onGap(): void;
  log: Log;
}

/** Whoever relies on being told may do so only for so long after the last sign of life. */
export const TRUST_MS_MAX = 1_000;
/** How often the connection is asked for a sign of life. */
const PULSE_MS = 300;
const PULSE_TIMEOUT_MS = 2_000;
const RECONNECT_MS = 250;
const STATEMENT_TIMEOUT_MS = 5_000;

/**
 * Hears from PostgreSQL what any server of the store has revoked, on a connection of its own. An answered question proves that what
 * was announced before it has been heard; without one for over a second {@link trusted} is false.
 */
export class RevocationListener {
  readonly #options: RevocationListenerOptions;
  #client: StoreClient | undefined;
  #heardAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #beating = false;
  #failedAtMs = -Infinity;

  constructor(options: RevocationListenerOptions) {
    this.#options = options;
  }

  /** Begins to listen; returns when it does, or when the first try has failed: further ones follow by themselves. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#beat(), PULSE_MS);
    this.#timer.unref();
    await this.#beat();
  }

  /** Whether nothing that was revoked over a second ago can have been missed. */
  trusted(): boolean {
    return performance.now() - this.#heardAtMs <= TRUST_MS_MAX;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    this.#heardAtMs = -Infinity;
    // In the middle of connecting or of a question it would not end by itself.
    if (this.#beating) client?.cut();
    else if (client && !client.lost) await client.end();
  }

  async #beat(): Promise<void> {
    if (this.#beating || this.#stopped) return;
    this.#beating = true;
    try {
      if (this.#client && !this.#client.lost) await this.#pulse(this.#client);
      else if (performance.now() - this.#failedAtMs >= RECONNECT_MS) await this.#connect();
    } catch (error) {
      this.#failedAtMs = performance.now();
      this.#client?.cut();
      this.#client = undefined;
      if (!this.#stopped)
        this.#options.log('warn', `revocations of tokens cannot be heard: ${reasonOf(error)}`);
    } finally {
      this.#beating = false;
    }
  }

  async #pulse(client: StoreClient): Promise<void> {
    const sentAtMs = performance.now();
    const timer = setTimeout(() => client.cut(), PULSE_TIMEOUT_MS);
    try {
      await client.query('SELECT 1');
      this.#heardAtMs = sentAtMs;
    } finally {
      clearTimeout(timer);
    }
  }

  async #connect(): Promise<void> {
    const { connection, schema, onRevoked, onGap, log } = this.#options;
    const config = typeof connection === 'string' ? { connectionString: connection } : connection;
    const client = new StoreClient(config);
    this.#client = client;
    await client.connect();
    if (this.#stopped) return client.cut();
    const session = { applicationName: 'maxray-read', statementTimeoutMs: STATEMENT_TIMEOUT_MS } as const;
    await setUpSession(client, { ...session, plans: 'point' });
    client.on('notification', ({ payload }) => {
      const revocation = readRevocation(payload ?? '');
      if (revocation) onRevoked(revocation);
      else onGap();
    });
    await client.query(`LISTEN "${channelOf(schema)}"`);
    onGap();
    await this.#pulse(client);
    if (this.#failedAtMs > -Infinity) log('info', 'revocations of tokens are heard again');
    this.#failedAtMs = -Infinity;
  }
}
