import { Pauses } from '../../background/pauses.ts';
import { isBusy } from '../../fhir/outcome.ts';
import type { PathModel } from '../../fhir/path/evaluate/run.ts';
import type { Resource } from '../../fhir/resource.ts';
import type {
  Change,
  EventRecords,
  Hit,
  MetSubscription,
  RelayTurn,
  Subscriber,
} from '../../records/events/eventRecords.ts';
import type { StateChange } from '../matching/state.ts';
import { isTopic, TOPIC_CODE } from '../../records/events/topicCode.ts';
import { KnownSubscriptions } from './knownSubscriptions.ts';

export interface RelayTimes {
  /** For how long a turn is taken: another process takes over so long after this one has died. */
  leaseMs: number;
  /** How often it is kept. */
  keepMs: number;
  /** How often the changes are looked at while nothing is heard of this process's own writes. */
  idleMs: number;
  /** How long writes of this process are gathered before they are looked at. */
  gatherMs: number;
}

export const RELAY_TIMES: RelayTimes = { leaseMs: 4_000, keepMs: 1_000, idleMs: 200, gatherMs: 5 };

export interface RelayParts {
  records: EventRecords;
  paths: PathModel;
  /** Something is due for these Subscriptions. */
  onDue: (subscriptions: ReadonlySet<string>) => void;
  /** Told of errors that are defects; must not log content. */
  onDefect: (error: unknown) => void;
  times?: RelayTimes;
}

/** Changes that are looked at together. */
const PAGE_CHANGES_MAX = 1_000;
/** What is looked through when there is nothing to be told: in order to hear of Subscriptions. */
const SUBSCRIPTION = 'Subscription';
const BASIC = 'Basic';
const ASKS: ReadonlySet<string> = new Set([SUBSCRIPTION, BASIC]);
/** Subscriptions that are read together, before the turn is kept. */
const LOADED_AT_ONCE = 500;
/** Before anything is tried again after a fault. */
const FAULT_PAUSE_MS = 1_000;

/**
 * Looks through what was written, in its order, for what somebody asked for, and numbers it. One process at a time does: any may take over, where the
 * one before stood, and what that one still writes counts for nothing.
 */
export class Relay {
  readonly #parts: RelayParts;
  readonly #times: RelayTimes;
  readonly #pauses = new Pauses();
  #known: KnownSubscriptions;
  #criteriaChange = -1;
  #running: Promise<void> | undefined;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#times = parts.times ?? RELAY_TIMES;
    this.#known = new KnownSubscriptions(parts.records, parts.paths);
    parts.records.outbox.onWritten(() => this.wake());
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something may have been written. */
  wake(): void {
    this.#pauses.wake();
  }

  async stop(): Promise<void> {
    this.#pauses.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { records, onDefect } = this.#parts;
    while (!this.#pauses.stopped) {
      try {
        const turn = await records.outbox.relay.claim(this.#times.leaseMs);
        if (turn?.isForeign) turn.position = await records.outbox.relay.adopt(turn);
        if (turn) await this.#hold(turn);
        else await this.#pauses.rest(this.#times.keepMs);
      } catch (error) {
        if (!isBusy(error)) onDefect(error);
        await this.#pauses.rest(FAULT_PAUSE_MS);
      }
    }
  }

  /** Until another has the turn, or the process ends. */
  async #hold(turn: RelayTurn): Promise<void> {
    const { relay } = this.#parts.records.outbox;
    if (!(await this.#load(turn))) return;
    let keptMs = performance.now();
    try {
      for (let position: RelayTurn | undefined = turn; position && !this.#pauses.stopped;) {
        const step: { turn: RelayTurn; isFull: boolean; advanced: boolean } | undefined =
          await this.#step(position);
        position = step?.turn;
        if (!step) return;
        if (step.advanced) keptMs = performance.now();
        else if (performance.now() - keptMs >= this.#times.keepMs) {
          if (!(await relay.keep(step.turn, this.#times.leaseMs))) return;
          keptMs = performance.now();
        }
        if (!step.isFull && (await this.#pauses.pause(this.#times.idleMs)))
          await this.#pauses.rest(this.#times.gatherMs);
      }
    } finally {
      this.#parts.records.outbox.recent.keepOf([]);
      if (this.#pauses.stopped) await relay.release(turn).catch(() => undefined); // it lapses by itself
    }
  }

  /** Subscriptions in the versions that were met before the position. @returns false when another has the turn */
  async #load(turn: RelayTurn): Promise<boolean> {
    const { records, paths } = this.#parts;
    this.#known = new KnownSubscriptions(records, paths);
    const all = await records.outbox.relay.subscriptions();
    for (let from = 0; from < all.length; from += LOADED_AT_ONCE) {
      const some = all.slice(from, from + LOADED_AT_ONCE);
      const versions = await Promise.all(some.map((one) => records.version({ ...one, type: SUBSCRIPTION })));
      for (const found of versions)
        if (found?.content) this.#known.set(found.id, JSON.parse(found.content) as Resource);
      if (!(await records.outbox.relay.keep(turn, this.#times.leaseMs))) return false;
    }
    await this.#loadTopics();
    return true;
  }

  async #loadTopics(): Promise<void> {
    const { records } = this.#parts;
    this.#criteriaChange = records.criteriaChange;
    const topics = await records.basics(TOPIC_CODE);
    this.#known.setTopics(topics.map(({ content }) => JSON.parse(content) as Resource));
  }

  /** One page of changes. @returns undefined when another has the turn */
  async #step(turn: RelayTurn): Promise<{ turn: RelayTurn; isFull: boolean; advanced: boolean } | undefined> {
    const { records, onDue } = this.#parts;
    if (this.#criteriaChange !== records.criteriaChange) await this.#loadTopics();
    const reads = this.#reads();
    records.outbox.recent.keepOf(this.#known.types);
    const page = await records.outbox.changes.page({
      after: turn.position,
      types: [...new Set([...this.#known.types, SUBSCRIPTION, BASIC])],
      previousOf: this.#known.previousOf,
      limit: PAGE_CHANGES_MAX,
    });
    if (page.last === undefined) return { turn, isFull: false, advanced: false };
    const found = new Found();
    let { last, isFull } = page;
    for (const change of page.changes) {
      await this.#take(change, found);
      // What lies ahead may have to be read otherwise: further types, or states before changes.
      if (ASKS.has(change.type) && this.#reads() !== reads) {
        last = change.position;
        isFull = true;
        break;
      }
    }
    const { leaseMs } = this.#times;
    if (!(await records.outbox.relay.advance(turn, { to: last, ...found.step() }, leaseMs))) return undefined;
    if (found.isAny) onDue(found.subscriptions);
    return { turn: { ...turn, position: last }, isFull, advanced: true };
  }

  #reads(): string {
    return JSON.stringify([this.#known.types, this.#known.previousOf]);
  }

  async #take(change: Change, found: Found): Promise<void> {
    const resource = change.content === null ? undefined : (JSON.parse(change.content) as Resource);
    await this.#match(change, resource, found);
    const { type, id, version } = change;
    if (type === SUBSCRIPTION && resource) {
      this.#known.set(id, resource);
      found.met({ id, version, isDue: resource.status === 'requested' || resource.status === 'active' });
    } else if (type === SUBSCRIPTION) {
      this.#known.delete(id);
      found.gone(id);
    } else if (type === BASIC && (resource === undefined || isTopic(resource))) await this.#loadTopics();
  }

  /** A change that cannot be compared must not keep all that come after it. */
  async #match(change: Change, resource: Resource | undefined, found: Found): Promise<void> {
    try {
      const matched = this.#known.match(this.#stateChange(change, resource));
      for (const { id, subscriber } of matched) {
        if (await this.#mayKnow(subscriber, change)) found.hit({ subscription: id, change });
      }
    } catch (error) {
      if (isBusy(error)) throw error;
      this.#parts.onDefect(error);
    }
  }

  /** Events that the subscriber may not see get no number: numbers would tell that there are such. */
  async #mayKnow(subscriber: Subscriber, change: Change): Promise<boolean> {
    const { records } = this.#parts;
    const caller = await records.callerOf(subscriber);
    return caller.access === 'unrestricted' || (await records.told(caller, change)) !== undefined;
  }

  #stateChange(change: Change, resource: Resource | undefined): StateChange {
    const { criteria } = this.#parts.records;
    const { type, id, previous } = change;
    const current = resource && criteria.candidate(id, resource);
    const before = previous ? criteria.candidate(id, JSON.parse(previous) as Resource) : undefined;
    const isNew = change.version === 1 || previous === null;
    return {
      type,
      interaction: !resource ? 'delete' : isNew ? 'create' : 'update',
      ...(current && { current }),
      ...(before && { previous: before }),
    };
  }
}

/** What is found in a page. */
class Found {
  #hits: Hit[] = [];
  readonly #met = new Map<string, MetSubscription>();
  readonly #gone = new Set<string>();

  hit(hit: Hit): void {
    this.#hits.push(hit);
  }

  met(subscription: MetSubscription): void {
    this.#met.set(subscription.id, subscription);
  }

  gone(id: string): void {
    this.#gone.add(id);
    this.#met.delete(id);
    this.#hits = this.#hits.filter(({ subscription }) => subscription !== id);
  }

  get isAny(): boolean {
    return this.#hits.length + this.#met.size > 0;
  }

  get subscriptions(): ReadonlySet<string> {
    return new Set([...this.#hits.map(({ subscription }) => subscription), ...this.#met.keys()]);
  }

  step() {
    return { hits: this.#hits, met: [...this.#met.values()], gone: [...this.#gone] };
  }
}
