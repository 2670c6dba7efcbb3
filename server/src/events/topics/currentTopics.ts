import type { Resource } from '../../fhir/resource.ts';
import type { EventRecords } from '../../records/events/eventRecords.ts';
import type { TriggerParts } from './compileTrigger.ts';
import { TOPIC_CODE } from '../../records/events/topicCode.ts';
import { TopicSet } from './topics.ts';

/** For how long topics may be thought to be the same, where nobody subscribes. */
const RECENT_MS = 1_000;

/** The topics that are stored at a moment, compiled once for as long as they stay the same. */
export class CurrentTopics {
  readonly #records: EventRecords;
  readonly #parts: TriggerParts;
  /** None are stored. */
  readonly none: TopicSet;
  #compiled: { of: string; topics: TopicSet } | undefined;
  #readMs = -Infinity;

  constructor(records: EventRecords, parts: TriggerParts) {
    this.#records = records;
    this.#parts = parts;
    this.none = new TopicSet(parts, []);
  }

  /** Them as they were a moment ago at most. */
  async recent(): Promise<TopicSet> {
    const isRecent = performance.now() - this.#readMs < RECENT_MS;
    return isRecent && this.#compiled ? this.#compiled.topics : this.read();
  }

  async read(): Promise<TopicSet> {
    const readMs = performance.now();
    const basics = await this.#records.basics(TOPIC_CODE);
    const of = JSON.stringify([
      this.#records.criteriaChange,
      basics.map(({ id, version }) => [id, version]).sort(),
    ]);
    if (this.#compiled?.of !== of) {
      const resources = basics.map(({ content }) => JSON.parse(content) as Resource);
      this.#compiled = { of, topics: new TopicSet(this.#parts, resources) };
    }
    this.#readMs = readMs;
    return this.#compiled.topics;
  }
}
