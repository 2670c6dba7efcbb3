import { fhirError, FhirError, type Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import { isTopic } from '../../records/events/topicCode.ts';
import { compileTrigger, type TriggerParts, type TriggerTest } from './compileTrigger.ts';
import { readTopic, type Topic } from './topic.ts';

/** A topic that can be subscribed to. */
export interface CompiledTopic extends Topic {
  /** By resource type. */
  tests: ReadonlyMap<string, TriggerTest[]>;
}

/** Compiles a topic. @throws FhirError `incorrect` for what of it cannot be decided */
export function compileTopic(parts: TriggerParts, topic: Topic): CompiledTopic {
  if (topic.triggers.length === 0) {
    throw fhirError(
      'incorrect',
      'not-supported',
      'A topic needs a resourceTrigger: events of other kinds are not offered.',
      'Basic.extension',
    );
  }
  const tests = new Map<string, TriggerTest[]>();
  for (const trigger of topic.triggers) {
    const ofType = tests.get(trigger.resource) ?? [];
    tests.set(trigger.resource, [...ofType, compileTrigger(parts, trigger)]);
  }
  for (const { resource, pairs } of topic.shapes) parts.criteria.requireIncludes(resource, pairs);
  return { ...topic, tests };
}

/** What is wrong with a Basic that is a topic; nothing is where it is none. */
export function topicFaults(parts: TriggerParts, resource: Resource): Issue[] {
  if (!isTopic(resource)) return [];
  const topic = readTopic(resource);
  try {
    if (topic === undefined) throw fhirError('incorrect', 'required', 'A topic needs its canonical URL.');
    compileTopic(parts, topic);
    return [];
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return error.issues.map((issue) => ({ ...issue, expression: ['Basic.extension'] }));
  }
}

/** The topics that are offered, by their canonical URL with and without version. */
export class TopicSet {
  readonly #parts: TriggerParts;
  readonly #topics = new Map<string, CompiledTopic>();
  #urls: readonly string[] | undefined;

  constructor(parts: TriggerParts, resources: readonly Resource[]) {
    this.#parts = parts;
    for (const resource of resources) this.#add(resource);
  }

  /** @param canonical with or without a version */
  find(canonical: string): CompiledTopic | undefined {
    return this.#topics.get(canonical);
  }

  get all(): CompiledTopic[] {
    return [...new Set(this.#topics.values())];
  }

  /** Canonical URLs of those that can be subscribed to, in their order. */
  get urls(): readonly string[] {
    const offered = this.all.filter(({ isRetired }) => !isRetired);
    return (this.#urls ??= offered.map(({ url }) => url).sort());
  }

  /** Those that cannot be decided were refused when they were written; one that cannot be any more is not offered. */
  #add(resource: Resource): void {
    if (!isTopic(resource)) return;
    const topic = readTopic(resource);
    if (topic === undefined || topicFaults(this.#parts, resource).length > 0) return;
    const compiled = compileTopic(this.#parts, topic);
    this.#topics.set(topic.url, compiled);
    if (topic.version !== undefined) this.#topics.set(`${topic.url}|${topic.version}`, compiled);
  }
}
