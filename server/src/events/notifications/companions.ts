import type { Caller } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import type { Asked, PayloadContent } from '../subscriptions/request.ts';
import type { CurrentTopics } from '../topics/currentTopics.ts';
import type { CompiledTopic } from '../topics/topics.ts';
import type { Companion, NotifiedEvent } from './bundle.ts';

/** Resources that come along with one event; more are left out. */
export const COMPANIONS_MAX = 100;

export interface CompanionParts {
  topics: Pick<CurrentTopics, 'recent'>;
  reading: Pick<Records, 'search' | 'parseSearch'>;
}

/** What a topic wants to come along with its events (SubscriptionTopic.notificationShape), as far as whoever is told may see it at that moment. */
export class Companions {
  readonly #parts: CompanionParts;

  constructor(parts: CompanionParts) {
    this.#parts = parts;
  }

  /** The same events, with what comes along. */
  async with(
    caller: Caller,
    { asked, content }: { asked: Asked; content: PayloadContent },
    events: readonly NotifiedEvent[],
  ): Promise<readonly NotifiedEvent[]> {
    if (asked.kind !== 'topic' || content === 'empty') return events;
    const topic = (await this.#parts.topics.recent()).find(asked.canonical);
    if (topic === undefined || topic.shapes.length === 0) return events;
    return Promise.all(
      events.map(async (event) => ({ ...event, along: await this.#along(caller, topic, event) })),
    );
  }

  async #along(
    caller: Caller,
    { shapes }: CompiledTopic,
    { delivery: { type, id }, told }: NotifiedEvent,
  ): Promise<readonly Companion[]> {
    const pairs = shapes.filter(({ resource }) => resource === type).flatMap((shape) => shape.pairs);
    if (pairs.length === 0 || told === undefined || told.content === null) return [];
    const { reading } = this.#parts;
    const { query } = reading.parseSearch({ type }, [['_id', id], ...pairs], 'strict');
    const { included } = await reading.search(caller, query);
    return included.slice(0, COMPANIONS_MAX);
  }
}
