import type { WebSocket } from 'ws';
import type { Feed } from '../../events/live/feed.ts';
import { CONNECTION_SUBSCRIPTIONS_MAX, tooMany, type LiveEvents } from '../../events/live/liveEvents.ts';
import { Turns } from '../../events/live/outlet.ts';
import { FhirError, errorIssue, fhirError } from '../../fhir/outcome.ts';
import type { Caller } from '../../records/caller.ts';
import { outcomeText } from '../http/errors.ts';
import { readMessage, type Message, type Position } from './messages.ts';

/** What waits to be sent besides notifications: more is not kept for a client that does not read. */
export const WAITING_BYTES_MAX = 256 * 1024;
/** What one client may say in a minute. */
export const MESSAGES_PER_MINUTE_MAX = 300;
/** After so many faults it is not listened to any more. */
export const FAULTS_MAX = 10;
/** How often it is asked for a sign of life: whoever has not given one by the next time is cut off. */
export const PING_MS = 20_000;
/** How long a connection may be without a Subscription. */
const UNBOUND_MS_MAX = 60_000;
const MINUTE_MS = 60_000;
const CLOSE_MS_MAX = 1_000;

/** Codes of RFC 6455, 7.4.1. */
const CLOSE = { goingAway: 1001, policy: 1008, defect: 1011 } as const;

export interface ConnectionParts {
  live: LiveEvents;
  origin: { address: string | undefined; requestId: string };
  /** A bind costs. */
  charge: (caller: Caller) => void;
  /** Records who was bound, or that somebody was refused. @throws FhirError busy */
  record: (caller: Caller | undefined, fault?: FhirError) => Promise<void>;
  /** Must not log content. */
  onDefect: (error: unknown) => void;
}

/** A WebSocket on which somebody is told of events of Subscriptions. */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #socket: WebSocket;
  readonly #turns = new Turns();
  readonly #feeds = new Map<string, Feed>();
  #said: Promise<void> = Promise.resolve();
  #messages = 0;
  #minuteMs = performance.now();
  #faults = 0;
  #callerId: string | undefined;
  #release: (() => void) | undefined;
  #isAlive = true;
  #boundMs = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(parts: ConnectionParts, socket: WebSocket) {
    this.#parts = parts;
    this.#socket = socket;
    this.#timer = setInterval(() => this.#beat(), PING_MS);
    socket.on('pong', () => (this.#isAlive = true));
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#closed());
  }

  /** Ends it, as the server ends. */
  close(): void {
    this.#end(CLOSE.goingAway, 'The server stops.');
  }

  /** Whoever does not answer that it closes is cut off. */
  #end(code: number, reason: string): void {
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), CLOSE_MS_MAX).unref();
  }

  #closed(): void {
    clearInterval(this.#timer);
    for (const feed of this.#feeds.values()) feed.stop();
    this.#feeds.clear();
    this.#release?.();
  }

  #beat(): void {
    const isUnbound = this.#feeds.size === 0 && performance.now() - this.#boundMs > UNBOUND_MS_MAX;
    if (!this.#isAlive) this.#socket.terminate();
    else if (isUnbound) this.#end(CLOSE.policy, 'Nothing is bound.');
    else {
      this.#isAlive = false;
      this.#socket.ping();
    }
  }

  /** One after the other. */
  #hear(data: unknown, isBinary: boolean): void {
    this.#isAlive = true;
    if (performance.now() - this.#minuteMs > MINUTE_MS) {
      this.#minuteMs = performance.now();
      this.#messages = 0;
    }
    this.#messages += 1;
    if (this.#messages > MESSAGES_PER_MINUTE_MAX) return this.#end(CLOSE.policy, 'Too many messages.');
    this.#said = this.#said.then(() => this.#carryOut(isBinary ? '' : String(data)));
  }

  async #carryOut(text: string): Promise<void> {
    try {
      const message = readMessage(text);
      if (message.kind === 'ping') this.#reply('{"type":"pong"}');
      else if (message.kind === 'unbind') this.#unbind(message.token);
      else await this.#bind(message);
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #bind({ token, after, dialect }: Message & { kind: 'bind' }): Promise<void> {
    const { live, origin, charge, record } = this.#parts;
    const binding = live.opened(token);
    const caller = await binding.caller();
    charge(caller);
    this.#admit(caller);
    const ids = Object.keys(binding.after);
    const from = positions(ids, after);
    if (new Set([...this.#feeds.keys(), ...ids]).size > CONNECTION_SUBSCRIPTIONS_MAX) throw tooMany();
    for (const [id, number] of from) await live.requireGiven(id, number);
    await record(caller);
    for (const id of ids) {
      const bound = this.#feeds.get(id);
      if (bound && !from.has(id)) {
        await bound.renew(binding);
        continue;
      }
      bound?.stop();
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      const order = {
        ...{ subscription: id, origin, caller: binding.caller, expiresMs: binding.expiresMs },
        after: from.get(id) ?? binding.after[id]!,
        form: dialect === 'json' ? ('resource' as const) : ('parameters' as const),
        asAsked: dialect === 'text',
        outlet: { send: (text: string) => this.#send(text) },
        turns: this.#turns,
      };
      const feed: Feed = live.follow(order, (error) => void this.#ended(id, feed, error));
      this.#feeds.set(id, feed);
    }
  }

  #unbind(token: string): void {
    for (const id of Object.keys(this.#parts.live.opened(token).after)) {
      this.#feeds.get(id)?.stop();
      this.#feeds.delete(id);
    }
    this.#boundMs = performance.now();
  }

  /** A connection is one user's, or one client's. */
  #admit(caller: Caller): void {
    if (this.#callerId === undefined) {
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      this.#release = this.#parts.live.connect(caller, () => this.close());
      this.#callerId = caller.id;
    } else if (this.#callerId !== caller.id)
      throw fhirError('forbidden', 'forbidden', 'This connection is of somebody else: open another one.');
  }

  async #ended(id: string, feed: Feed, error: unknown): Promise<void> {
    if (this.#feeds.get(id) === feed) this.#feeds.delete(id);
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#boundMs = performance.now();
    if (!(error instanceof FhirError)) return this.#fail(error);
    const issues = error.issues.map((issue) => ({
      ...issue,
      diagnostics: `Subscription/${id} is bound no longer. ${issue.diagnostics}`,
    }));
    this.#reply(outcomeText(issues));
    if (this.#feeds.size === 0) this.#end(CLOSE.policy, 'Nothing is bound any more.');
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (!(error instanceof FhirError)) {
      this.#parts.onDefect(error);
      this.#reply(outcomeText([errorIssue('exception', 'The server failed on this.')]));
      return this.#end(CLOSE.defect, 'The server failed.');
    }
    this.#faults += 1;
    this.#reply(outcomeText(error.issues));
    if (this.#faults >= FAULTS_MAX) this.#end(CLOSE.policy, 'Too many faults.');
    await this.#parts
      .record(undefined, error)
      .catch((unrecorded: unknown) => this.#parts.onDefect(unrecorded));
  }

  #send(text: string): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#socket.send(text, (error) => (error ? reject(error) : resolve())),
    );
  }

  #reply(text: string): void {
    if (this.#socket.bufferedAmount > WAITING_BYTES_MAX) this.#socket.terminate();
    else this.#socket.send(text, () => undefined); // whoever has gone needs no reply
  }
}

/** By Subscription, from where on. @throws FhirError `incorrect` for what the token does not bind to */
function positions(ids: readonly string[], after: readonly Position[]): Map<string, number> {
  return new Map(
    after.map(({ subscription, number }) => {
      const id = subscription ?? (ids.length === 1 ? ids[0] : undefined);
      if (id !== undefined && ids.includes(id)) return [id, number];
      const text =
        'The token binds to several Subscriptions, or to others: name one that it is for, as id/17.';
      throw fhirError('incorrect', 'value', text);
    }),
  );
}
