import { fhirError, isBusy } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Caller } from '../../records/caller.ts';
import type { Outbox } from '../../records/events/eventRecords.ts';
import { isFetched, readSubscription } from '../subscriptions/request.ts';
import { BINDING_TOKEN_MS, type BindingTokens } from './bindingTokens.ts';
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
  /** Absolute URL where a WebSocket is opened. */
  websocketUrl: string;
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
const SUBSCRIPTION = 'Subscription';

/** Tells those who are connected of events, as they are numbered. */
export class LiveEvents {
  readonly #parts: LiveParts;
  readonly #times: LiveTimes;
  readonly #feeds = new Set<Feed>();
  readonly #connections = new Map<string, number>();
  readonly #closers = new Set<() => void>();
  #polling: Promise<void> | undefined;
  #isStopped = false;
  #isWoken = false;
  #wake: (() => void) | undefined;

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#times = parts.times ?? LIVE_TIMES;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * `$get-ws-binding-token`: what a WebSocket is bound with to Subscriptions, in the name of whoever asks; for events from now on.
   *
   * @param authorization the header of the request
   */
  async bindingToken(caller: Caller, authorization: string, ids: readonly string[]): Promise<string> {
    const { reading, records, tokens, websocketUrl } = this.#parts;
    if (ids.length === 0) throw fhirError('incorrect', 'required', 'Name the Subscriptions by id.');
    if (ids.length > CONNECTION_SUBSCRIPTIONS_MAX) throw tooMany();
    // Before they are looked at: an event that comes meanwhile is told.
    const heads = await records.outbox.deliveries.heads(ids);
    for (const id of ids) {
      const { content } = await reading.read(caller, SUBSCRIPTION, id);
      if (isFetched(readSubscription(JSON.parse(content) as Resource).channel)) continue;
      const text = `The channel of ${SUBSCRIPTION}/${id} is no websocket.`;
      throw fhirError('incorrect', 'value', text, 'Subscription.channel.type');
    }
    const expiresMs = Math.min(
      Date.now() + BINDING_TOKEN_MS,
      (await this.#parts.holderOf(authorization)).expiresMs,
    );
    const after = Object.fromEntries(ids.map((id) => [id, heads.get(id)?.lastEvent ?? 0]));
    return JSON.stringify({
      resourceType: 'Parameters',
      parameter: [
        { name: 'token', valueString: tokens.seal({ authorization, after, expiresMs }) },
        { name: 'expiration', valueDateTime: new Date(expiresMs).toISOString() },
        ...ids.map((id) => ({ name: 'subscription', valueString: id })),
        { name: 'websocket-url', valueUrl: websocketUrl },
      ],
    });
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

  /** The number of the last event of a Subscription. @throws FhirError `incorrect` for a number that is beyond it */
  async requireGiven(subscription: string, number: number): Promise<void> {
    const head = (await this.#parts.records.outbox.deliveries.heads([subscription])).get(subscription);
    if (number <= (head?.lastEvent ?? 0)) return;
    const text = `${SUBSCRIPTION}/${subscription} has no event ${number} yet: name the last one that you were told of.`;
    throw fhirError('incorrect', 'value', text);
  }

  /** Somebody's events were numbered here: others are heard of a little later. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const feed of this.#feeds) feed.stop();
    for (const close of this.#closers) close();
    this.wake();
    await this.#polling;
  }

  /** As long as there is somebody to tell. */
  async #poll(): Promise<void> {
    const { records, onDefect } = this.#parts;
    while (this.#feeds.size > 0 && !this.#isStopped) {
      try {
        const ids = new Set([...this.#feeds].map(({ subscription }) => subscription));
        const heads = await records.outbox.deliveries.heads([...ids]);
        for (const feed of this.#feeds) feed.heard(heads.get(feed.subscription));
        await this.#pause(this.#times.pollMs);
      } catch (error) {
        if (!isBusy(error)) onDefect(error);
        await this.#pause(FAULT_PAUSE_MS);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = resolve;
    if (this.#isWoken) resolve();
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
    this.#isWoken = false;
  }
}

/** @returns the error that a connection is bound to too much */
export const tooMany = () =>
  fhirError('incorrect', 'too-costly', `At most ${CONNECTION_SUBSCRIPTIONS_MAX} Subscriptions a connection.`);
