import { Pauses } from '../../background/pauses.ts';
import { fhirError, isBusy } from '../../fhir/outcome.ts';
import type { Caller } from '../../records/caller.ts';
import type { Outbox } from '../../records/events/eventRecords.ts';
import type { BindingTokens } from './bindingTokens.ts';
import { Feed, type FeedOrder, type FeedParts } from './feed.ts';

/** Whoever an access token is of. */
export interface Holder {
  caller: Caller;
  /** Of the token; milliseconds since 1970 UTC. */
  expiresMs: number;
}

export interface LiveParts extends Omit<FeedParts, 'checkMs' | 'records'> {
  records: FeedParts['records'] & { outbox: Outbox };
  tokens: BindingTokens;
  /** @param authorization as the header has it @throws FhirError `login` where it opens nothing (any more) */
  holderOf: (authorization: string) => Promise<Holder>;
  /** Told of errors that are defects; must not log content. */
  onDefect: (error: unknown) => void;
  times?: LiveTimes;
}

export interface LiveTimes {
  /** How often it is looked whether there are events that another server has numbered. */
  pollMs: number;
  /** How often it is asked whether somebody who is told nothing may still be. */
  checkMs: number;
}

/** Connections of one user, or of one client that acts for itself, to one server. */
export const CONNECTIONS_MAX = 20;
/** Subscriptions that one connection is told of. */
export const CONNECTION_SUBSCRIPTIONS_MAX = 100;
const LIVE_TIMES: LiveTimes = { pollMs: 200, checkMs: 5_000 };
const FAULT_PAUSE_MS = 1_000;
/** How often it is noted who is connected. */
const CONNECTED_EVERY_MS = 60_000;
const SUBSCRIPTION = 'Subscription';

/** Tells those who are connected of events, as they are numbered. */
export class LiveEvents {
  readonly #parts: LiveParts;
  readonly #times: LiveTimes;
  readonly #feeds = new Set<Feed>();
  readonly #connections = new Map<string, number>();
  readonly #closers = new Set<() => void>();
  #polling: Promise<void> | undefined;
  #connectedMs = -Infinity;
  readonly #pauses = new Pauses();

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#times = parts.times ?? LIVE_TIMES;
  }

  get isStopped(): boolean {
    return this.#pauses.stopped;
  }

  /**
   * Counts a connection of a caller until what is returned is called.
   *
   * @param close ends it when the server does
   * @throws FhirError throttled when there are too many
   */
  connect({ id }: Caller, close: () => void): () => void {
    const count = this.#connections.get(id) ?? 0;
    if (count >= CONNECTIONS_MAX) {
      const text = `You have ${CONNECTIONS_MAX} connections already: close one, or bind more Subscriptions on it.`;
      throw fhirError('throttled', 'throttled', text);
    }
    this.#connections.set(id, count + 1);
    this.#closers.add(close);
    return () => {
      if (!this.#closers.delete(close)) return;
      const left = this.#connections.get(id)! - 1;
      if (left === 0) this.#connections.delete(id);
      else this.#connections.set(id, left);
    };
  }

  /** What a token binds to, and who holds it as of each moment. @throws FhirError `login` */
  opened(token: string) {
    const { after, authorization, expiresMs } = this.#parts.tokens.open(token);
    const caller = async () => (await this.#parts.holderOf(authorization)).caller;
    return { after, caller, expiresMs };
  }

  /** Begins to tell of a Subscription's events. @param onEnd told why it ended, unless it was stopped */
  follow(order: FeedOrder, onEnd: (error: unknown) => void): Feed {
    const feed = new Feed({ ...this.#parts, checkMs: this.#times.checkMs }, order);
    this.#feeds.add(feed);
    void feed
      .run()
      .catch(onEnd)
      .finally(() => this.#feeds.delete(feed));
    this.#polling ??= this.#poll().finally(() => (this.#polling = undefined));
    return feed;
  }

  /** By Subscription the number of its last event; 0: there is none yet. */
  async lastEvents(subscriptions: readonly string[]): Promise<Map<string, number>> {
    const heads = await this.#parts.records.outbox.deliveries.heads(subscriptions);
    return new Map(subscriptions.map((id) => [id, heads.get(id)?.lastEvent ?? 0]));
  }

  /** Notes that somebody is told of these, so that they are kept up. */
  async connected(subscriptions: readonly string[]): Promise<void> {
    await this.#parts.records.outbox.deliveries.connected(subscriptions);
  }

  /** @throws FhirError `incorrect` for a number that no event of the Subscription has yet */
  async requireGiven(subscription: string, number: number): Promise<void> {
    if (number <= (await this.lastEvents([subscription])).get(subscription)!) return;
    const text = `${SUBSCRIPTION}/${subscription} has no event ${number} yet: name the last one that you were told of.`;
    throw fhirError('incorrect', 'value', text);
  }

  /** Somebody's events were numbered here: others are heard of a little later. */
  wake(): void {
    this.#pauses.wake();
  }

  async stop(): Promise<void> {
    this.#pauses.stop();
    for (const feed of this.#feeds) feed.stop();
    for (const close of this.#closers) close();
    await this.#polling;
  }

  /** As long as there is somebody to tell. */
  async #poll(): Promise<void> {
    const { records, onDefect } = this.#parts;
    while (this.#feeds.size > 0 && !this.#pauses.stopped) {
      try {
        const ids = new Set([...this.#feeds].map(({ subscription }) => subscription));
        const heads = await records.outbox.deliveries.heads([...ids]);
        if (performance.now() - this.#connectedMs >= CONNECTED_EVERY_MS) {
          await this.connected([...ids]);
          this.#connectedMs = performance.now();
        }
        for (const feed of this.#feeds) feed.heard(heads.get(feed.subscription));
        await this.#pauses.pause(this.#times.pollMs);
      } catch (error) {
        if (!isBusy(error)) onDefect(error);
        await this.#pauses.pause(FAULT_PAUSE_MS);
      }
    }
  }
}

/** @returns the error that a connection is bound to too much */
export const tooMany = () =>
  fhirError('incorrect', 'too-costly', `At most ${CONNECTION_SUBSCRIPTIONS_MAX} Subscriptions a connection.`);
