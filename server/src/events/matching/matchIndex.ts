import type { Candidate, Criteria, Key } from '../../records/events/criteria.ts';
import type { TriggerTest } from '../topics/compileTrigger.ts';
import { InterestSet } from './interestSet.ts';
import { focusOf, type StateChange } from './state.ts';

/** Something that a subscription asks for, of one resource type. */
export interface Interest extends Criteria {
  subscription: string;
  type: string;
  /** Canonical of the topic; absent: whatever is created or updated. */
  topic?: string;
}

interface TopicOfType {
  tests: TriggerTest[];
  interests: InterestSet<Interest>;
}

/** What concerns the resources of one type. */
interface OfType {
  plain: InterestSet<Interest>;
  topics: Map<string, TopicOfType>;
}

/**
 * All that is asked for, so arranged that a change is compared only with what it may concern: by its type, by whether it is an event of a topic
 * (asked once, however many subscribe), and by what the resource shows.
 */
export class MatchIndex {
  readonly #types = new Map<string, OfType>();
  readonly #keysOf: (type: string, candidate: Candidate) => Iterable<Key>;
  readonly #triggers: ReadonlyMap<string, ReadonlyMap<string, TriggerTest[]>>;

  /** @param triggers by topic and type */
  constructor(
    keysOf: (type: string, candidate: Candidate) => Iterable<Key>,
    triggers: ReadonlyMap<string, ReadonlyMap<string, TriggerTest[]>> = new Map(),
  ) {
    this.#keysOf = keysOf;
    this.#triggers = triggers;
  }

  /** Types of which something is asked for. */
  get types(): string[] {
    return [...this.#types.keys()];
  }

  /** Types of which the state before a change matters. */
  get previousOf(): string[] {
    return this.types.filter((type) => this.#types.get(type)!.topics.size > 0);
  }

  add(interest: Interest): void {
    this.#setOf(interest).add(interest);
  }

  delete(interest: Interest): void {
    this.#setOf(interest).delete(interest);
    const ofType = this.#types.get(interest.type)!;
    if (interest.topic !== undefined && ofType.topics.get(interest.topic)!.interests.size === 0)
      ofType.topics.delete(interest.topic);
    if (ofType.plain.size === 0 && ofType.topics.size === 0) this.#types.delete(interest.type);
  }

  /** Subscriptions to be told of a change, each once. */
  match(change: StateChange): Set<string> {
    const matched = new Set<string>();
    const ofType = this.#types.get(change.type);
    const focus = focusOf(change);
    if (!ofType || !focus) return matched;
    const keys = [...this.#keysOf(change.type, focus)];
    const collect = (interests: InterestSet<Interest>) => {
      interests.forEachSatisfied(keys, focus, ({ subscription }) => matched.add(subscription));
    };
    if (change.current) collect(ofType.plain);
    for (const { tests, interests } of ofType.topics.values()) {
      if (tests.some((test) => test(change))) collect(interests);
    }
    return matched;
  }

  #setOf({ type, topic }: Interest): InterestSet<Interest> {
    let ofType = this.#types.get(type);
    if (!ofType) this.#types.set(type, (ofType = { plain: new InterestSet(), topics: new Map() }));
    if (topic === undefined) return ofType.plain;
    let ofTopic = ofType.topics.get(topic);
    if (!ofTopic) {
      const tests = this.#triggers.get(topic)?.get(type) ?? [];
      ofType.topics.set(topic, (ofTopic = { tests, interests: new InterestSet() }));
    }
    return ofTopic.interests;
  }
}
