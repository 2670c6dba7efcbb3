import { NO_ACCESS } from '../../access/noAccess.ts';
import { parseExact } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Identified } from '../../identity/ports.ts';
import type { Method } from '../../store/resource/types.ts';
import type { Outbox } from '../../store/outbox/outbox.ts';
import type { Store } from '../../store/store.ts';
import type { Validator } from '../../validation/validator.ts';
import type { Caller } from '../caller.ts';
import type { Callers } from '../callers/callers.ts';
import { Gate } from '../gate/gate.ts';
import { preparePut } from '../prepare.ts';
import type { TokenMeanings } from '../tokenMeanings.ts';
import { EventCriteria } from './criteria.ts';
import { subscriberOf, type Subscriber } from './subscriber.ts';

export type { Change, ChangePage, Delivery, Hit, Position } from '../../store/outbox/change.ts';
export type { DueSubscription, Head, NextTime } from '../../store/outbox/deliveryTable.ts';
export type { MetSubscription, RelayTurn } from '../../store/outbox/relayTable.ts';
export type { Outbox } from '../../store/outbox/outbox.ts';
export { subscriberOf, type Subscriber } from './subscriber.ts';

/** A resource in a version. */
export interface VersionOf {
  type: string;
  id: string;
  version: number;
}

/** What a subscriber may be shown of an event. */
export interface Told extends VersionOf {
  method: Method;
  lastUpdated: Date;
  /** Null: it was deleted. */
  content: string | null;
}

export interface EventRecordsParts {
  store: Store;
  callers: Pick<Callers, 'of'>;
  /** Whether whoever it is may still be let in: the client and the user are there, and active. */
  isLetIn: (subscriber: Subscriber) => Promise<boolean>;
  meanings?: TokenMeanings;
}

const SUBSCRIPTION = 'Subscription';
const BASIC = 'Basic';

/** The door for events: what was written, criteria on it, and what of it a subscriber may be told. */
export class EventRecords {
  readonly criteria: EventCriteria;
  readonly #parts: EventRecordsParts;
  readonly #gate: Gate;
  /** The same object for the same subscriber: callers are remembered by it. */
  readonly #identified = new Map<string, Identified>();
  readonly #letIn = new Map<string, Promise<boolean>>();

  constructor(parts: EventRecordsParts) {
    this.#parts = parts;
    this.#gate = new Gate(parts.store, parts.meanings);
    this.criteria = new EventCriteria(parts.store);
    parts.store.administration.onChanged(() => this.#letIn.clear());
  }

  get outbox(): Outbox {
    return this.#parts.store.outbox;
  }

  /** Counts up when criteria may mean something else. */
  get criteriaChange(): number {
    return this.#parts.store.plans.change;
  }

  /** Whether the client by which somebody subscribed, and the user, are still there and active: who is not, may see nothing. */
  isLetIn(subscriber: Subscriber): Promise<boolean> {
    const key = JSON.stringify([subscriber.clientId, subscriber.userId]);
    let isLetIn = this.#letIn.get(key);
    if (isLetIn === undefined) {
      if (this.#letIn.size >= SUBSCRIBERS_REMEMBERED_MAX) this.#letIn.clear();
      this.#letIn.set(key, (isLetIn = this.#parts.isLetIn(subscriber)));
      isLetIn.catch(() => this.#letIn.delete(key));
    }
    return isLetIn;
  }

  /** Who a subscriber is now: what it may do is asked anew whenever it may have changed. */
  async callerOf(subscriber: Subscriber): Promise<Caller> {
    const caller = await this.#callerOf(subscriber);
    if (await this.isLetIn(subscriber)) return caller;
    return { ...caller, isAdministrator: false, access: NO_ACCESS };
  }

  async #callerOf(subscriber: Subscriber): Promise<Caller> {
    const key = JSON.stringify(subscriber);
    let identified = this.#identified.get(key);
    if (identified === undefined) {
      if (this.#identified.size >= SUBSCRIBERS_REMEMBERED_MAX) this.#identified.clear();
      this.#identified.set(key, (identified = { ...subscriber, expiresAtMs: Infinity }));
    }
    return this.#parts.callers.of(identified);
  }

  /** What the caller may be shown of an event at this moment; undefined: nothing, not even that it was. */
  async told(caller: Pick<Caller, 'access'>, event: Told): Promise<Told | undefined> {
    const { type } = event;
    const shown = await this.#gate.told(caller, type, event);
    return shown && { ...shown, type };
  }

  /** A version by its number, whoever asks. */
  async version({ type, id, version }: VersionOf): Promise<Told | undefined> {
    const found = await this.#parts.store.reader.readVersion(type, id, version);
    return found && { ...found, type };
  }

  /** The current version of a Subscription, whoever asks; undefined where there is none. */
  async subscription(id: string): Promise<(VersionOf & { content: string }) | undefined> {
    const found = await this.#parts.store.reader.read(SUBSCRIPTION, id);
    return found?.content ? { ...found, type: SUBSCRIPTION, content: found.content } : undefined;
  }

  /** Every Basic that is stored with this code: there are few. */
  basics(code: string): Promise<(VersionOf & { content: string })[]> {
    return this.#withCode(BASIC, 'code', [code], BASICS_MAX);
  }

  /** Ids of the Subscriptions that ask for something, as somebody asked for them. */
  async subscriptionsOf(isMeant: (subscriber: Subscriber) => boolean): Promise<string[]> {
    const found = await this.#withCode(SUBSCRIPTION, 'status', ['requested', 'active'], SUBSCRIPTIONS_MAX);
    return found.flatMap(({ id, content }) => {
      const subscriber = subscriberOf(JSON.parse(content) as Resource);
      return subscriber && isMeant(subscriber) ? [id] : [];
    });
  }

  async #withCode(
    type: string,
    code: string,
    codes: readonly string[],
    limit: number,
  ): Promise<(VersionOf & { content: string })[]> {
    const { definitions, searcher, database } = this.#parts.store;
    const parameter = definitions.searchParameter(type, code)!;
    const tokens = codes.map((one) => ({ code: one }));
    const search = { type, conditions: [{ kind: 'token' as const, parameter, tokens }], sort: [] };
    const matches = await searcher.criteriaMatches(search, { limit, withContent: true }, (one) =>
      database.search(one),
    );
    return matches.map(({ id, version, content }) => ({ type, id, version, content: content! }));
  }

  /**
   * Writes a Subscription as the server itself, unless it was changed meanwhile.
   *
   * @param change of its tree, with every number as it is written
   * @returns false where it was changed, or is not there
   */
  async changeSubscription(id: string, version: number, change: (tree: Resource) => void): Promise<boolean> {
    const current = await this.subscription(id);
    if (current?.version !== version) return false;
    const exact = parseExact(current.content) as Resource;
    change(exact);
    const value = JSON.parse(JSON.stringify(exact)) as Resource;
    const { store } = this.#parts;
    const parts = { definitions: store.definitions, indexer: store.indexer, validator: UNJUDGED };
    const result = await store.writer.write(preparePut(parts, { value, exact }, id, version));
    if (result.applied) this.outbox.written();
    return result.applied;
  }
}

/** What the server itself changes was valid when its client wrote it. */
const UNJUDGED: Validator = { validate: () => [] };
/** Subscribers whose callers are remembered; beyond that all are made anew. */
const SUBSCRIBERS_REMEMBERED_MAX = 10_000;
/** Subscriptions of a store that ask for something. */
const SUBSCRIPTIONS_MAX = 100_000;
/** Topics of a store. */
const BASICS_MAX = 1_000;
