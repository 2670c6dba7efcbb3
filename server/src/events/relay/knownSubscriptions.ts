import { FhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import { subscriberOf, type EventRecords, type Subscriber } from '../../records/events/eventRecords.ts';
import { MatchIndex, type Interest } from '../matching/matchIndex.ts';
import type { StateChange } from '../matching/state.ts';
import { interestsOf } from '../subscriptions/interests.ts';
import { readSubscription } from '../subscriptions/request.ts';
import type { TriggerParts } from '../topics/compileTrigger.ts';
import { TopicSet } from '../topics/topics.ts';

/** A Subscription in the version that events are matched by. */
interface Known {
  resource: Resource;
  subscriber: Subscriber | undefined;
  interests: Interest[];
}

/** The Subscriptions as they are at the relay's place among the changes, and what they ask for. */
export class KnownSubscriptions {
  readonly #parts: TriggerParts;
  readonly #keysOf: ConstructorParameters<typeof MatchIndex>[0];
  readonly #known = new Map<string, Known>();
  #topics: TopicSet;
  #index: MatchIndex;

  constructor({ criteria }: Pick<EventRecords, 'criteria'>, paths: TriggerParts['paths']) {
    this.#parts = { criteria, paths };
    this.#keysOf = (type, candidate) => criteria.keysOf(type, candidate);
    this.#topics = new TopicSet(this.#parts, []);
    this.#index = new MatchIndex(this.#keysOf);
  }

  get types(): string[] {
    return this.#index.types;
  }

  get previousOf(): string[] {
    return this.#index.previousOf;
  }

  /** Everything anew, by these topics and by what criteria mean now. */
  setTopics(resources: readonly Resource[]): void {
    this.#topics = new TopicSet(this.#parts, resources);
    this.#index = new MatchIndex(
      this.#keysOf,
      new Map(this.#topics.all.map(({ url, tests }) => [url, tests])),
    );
    const known = [...this.#known];
    this.#known.clear();
    for (const [id, { resource }] of known) this.set(id, resource);
  }

  /** From here on a Subscription is as this version says. */
  set(id: string, resource: Resource): void {
    this.delete(id);
    const interests = this.#interests(id, resource);
    for (const interest of interests) this.#index.add(interest);
    this.#known.set(id, { resource, subscriber: subscriberOf(resource), interests });
  }

  delete(id: string): void {
    const before = this.#known.get(id);
    this.#known.delete(id);
    for (const interest of before?.interests ?? []) this.#index.delete(interest);
  }

  /** Ids of the Subscriptions that ask for a change, with who wrote them. */
  match(change: StateChange): { id: string; subscriber: Subscriber }[] {
    return [...this.#index.match(change)].flatMap((id) => {
      const subscriber = this.#known.get(id)?.subscriber;
      return subscriber ? [{ id, subscriber }] : [];
    });
  }

  /** One that is off asks for nothing; nor does one that cannot be understood any more: its delivery says so. */
  #interests(id: string, resource: Resource): Interest[] {
    if (resource.status === 'off') return [];
    try {
      const { criteria } = this.#parts;
      return interestsOf({ criteria, topics: this.#topics }, id, readSubscription(resource).asked);
    } catch (error) {
      if (error instanceof FhirError) return [];
      throw error;
    }
  }
}
