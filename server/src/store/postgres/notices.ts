import type { ClientConfig } from 'pg';
import { StoreClient } from './client.ts';
import { reasonOf, type Log } from './log.ts';
import { setUpSession } from './session.ts';

/** Whoever relies on being told may do so only for so long after the last sign of life. */
export const TRUST_MS_MAX = 1_000;
/** How often the connection is asked for a sign of life. */
const PULSE_MS = 300;
const PULSE_TIMEOUT_MS = 2_000;
const RECONNECT_MS = 250;
const STATEMENT_TIMEOUT_MS = 5_000;

/** Whoever hears a channel. */
export interface NoticeListener {
  onNotice(payload: string): void;
  /** Notices may have been missed: whatever was remembered may be wrong. Also when it begins to hear. */
  onGap(): void;
}

/** A channel to be heard. */
export interface Hearing {
  /** Hears it from now on; where the database cannot be reached, as soon as it can be. */
  start(): Promise<void>;
  /** Whether nothing that was announced over a second ago can have been missed. */
  trusted(): boolean;
  stop(): Promise<void>;
}

interface Heard extends NoticeListener {
  channel: string;
}

/**
 * What servers tell each other by NOTIFY, heard on one connection of its own, whatever the number of channels. An answered question
 * proves that what was announced before it has been heard; without one for over a second {@link trusted} is false.
 */
export class Notices {
  readonly #connection: ClientConfig;
  readonly #log: Log;
  readonly #heard = new Set<Heard>();
  /** Channels that the connection listens to by now. */
  #listening = new Set<Heard>();
  #client: StoreClient | undefined;
  #heardAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #beating = false;
  #failedAtMs = -Infinity;

  constructor({ connection, log }: { connection: string | ClientConfig; log: Log }) {
    this.#connection = typeof connection === 'string' ? { connectionString: connection } : connection;
    this.#log = log;
  }

  /** Connects; returns when it has, or when the first try has failed: further ones follow by themselves. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#beat(), PULSE_MS);
    this.#timer.unref();
    await this.#beat();
  }

  /** What of a channel will be heard, once it is started. */
  hearing(channel: string, listener: NoticeListener): Hearing {
    const heard: Heard = {
      channel,
      onNotice: (payload) => listener.onNotice(payload),
      onGap: () => listener.onGap(),
    };
    return {
      start: async () => {
        this.#heard.add(heard);
        if (this.#client && this.#heardAtMs > -Infinity) await this.#tryListen(this.#client, heard);
      },
      trusted: () => this.#listening.has(heard) && this.trusted(),
      stop: () => this.#leave(heard),
    };
  }

  /** Whether the connection is alive. */
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
        this.#log(
          'warn',
          `what other servers tell, as revocations of tokens, cannot be heard: ${reasonOf(error)}`,
        );
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
    const client = new StoreClient(this.#connection);
    this.#listening = new Set();
    this.#heardAtMs = -Infinity;
    this.#client = client;
    await client.connect();
    if (this.#stopped) return client.cut();
    const session = { applicationName: 'maxray-read', statementTimeoutMs: STATEMENT_TIMEOUT_MS } as const;
    await setUpSession(client, { ...session, plans: 'point' });
    client.on('notification', ({ channel, payload }) => {
      for (const heard of this.#listening) if (heard.channel === channel) heard.onNotice(payload ?? '');
    });
    for (const heard of this.#heard) await this.#listen(client, heard);
    await this.#pulse(client);
    // Whoever came in the meantime.
    for (const heard of this.#heard) if (!this.#listening.has(heard)) await this.#tryListen(client, heard);
    if (this.#failedAtMs > -Infinity) this.#log('info', 'what other servers tell is heard again');
    this.#failedAtMs = -Infinity;
  }

  async #listen(client: StoreClient, heard: Heard): Promise<void> {
    await client.query(`LISTEN "${heard.channel}"`);
    if (client !== this.#client) return;
    this.#listening.add(heard);
    heard.onGap();
  }

  /** Where it fails, the connection is given up: another one listens to all channels. */
  async #tryListen(client: StoreClient, heard: Heard): Promise<void> {
    await this.#listen(client, heard).catch(() => client.cut());
  }

  async #leave(heard: Heard): Promise<void> {
    this.#heard.delete(heard);
    if (!this.#listening.delete(heard)) return;
    const others = [...this.#heard].some(({ channel }) => channel === heard.channel);
    const client = this.#client;
    if (!others && client && !client.lost)
      await client.query(`UNLISTEN "${heard.channel}"`).catch(() => client.cut());
  }
}
