import type { BotEvent } from '@medplum/core';
import type { ProjectSetting, Resource } from '@medplum/fhirtypes';
import { notificationBundle } from '../../../server/src/events/notifications/bundle.ts';
import type { BotDefinition } from '../../lib/define/define.ts';
import { botId } from '../../lib/define/define.ts';

export type Stored = Resource & { id: string };

/** What a test says of an event beside its input. */
export interface EventParts {
  /** Of the Subscription; the event is known by it. */
  number?: number;
  secrets?: Record<string, string>;
  headers?: Record<string, string>;
}

/** Events as the server gives them to a bot (docs/bots.md). */
export class BotEvents {
  readonly #bot: BotDefinition;
  readonly #base: string;

  /** @param base absolute URL of the FHIR base */
  constructor(bot: BotDefinition, base: string) {
    this.#bot = bot;
    this.#base = base;
  }

  /** Of a trigger `criteria`. */
  ofCriteria<T extends Stored>(resource: T, parts: EventParts = {}): BotEvent<T> {
    return this.#event(resource, `${botId(this.#bot)}-1.${parts.number ?? 1}`, parts);
  }

  /** Of a trigger `topic`: a notification of one event, or more where more are given. */
  ofTopic(topic: string, resources: readonly Stored[], parts: EventParts = {}): BotEvent {
    const first = parts.number ?? 1;
    const subscription = `${botId(this.#bot)}-1`;
    const bundle = notificationBundle({
      base: this.#base,
      content: 'full-resource',
      status: {
        subscription: `${this.#base}/Subscription/${subscription}`,
        topic,
        status: 'active',
        type: 'event-notification',
        eventsSinceStart: first + resources.length - 1,
      },
      events: resources.map((resource, i) => {
        const lastUpdated = new Date(resource.meta!.lastUpdated!);
        const version = Number(resource.meta!.versionId);
        const at = { type: resource.resourceType, id: resource.id, version };
        const delivery = { subscription, number: first + i, occurred: lastUpdated, method: 'U', ...at };
        return {
          delivery: delivery as never,
          told: { content: JSON.stringify(resource), lastUpdated } as never,
        };
      }),
    });
    return this.#event(JSON.parse(bundle), `${subscription}.${first}`, parts);
  }

  /** Of a trigger `cron`. @param due the time that was due, an instant */
  ofCron(due: string, parts: EventParts = {}): BotEvent {
    const headers = { 'x-maxray-scheduled-time': due, ...parts.headers };
    const input = { resourceType: 'Bot', id: botId(this.#bot), name: this.#bot.title };
    return this.#event(input, `${botId(this.#bot)}.${due}`, { ...parts, headers });
  }

  /** Of `$execute`. */
  ofOperation<T>(input: T, parts: EventParts = {}): BotEvent<T> {
    return this.#event(input, 'operation-1', parts);
  }

  #event<T>(input: T, key: string, { secrets = {}, headers = {} }: EventParts): BotEvent<T> {
    const settings = Object.entries(secrets).map(([name, valueString]): [string, ProjectSetting] => [
      name,
      { name, valueString },
    ]);
    const isFhir = typeof input === 'object' && input !== null && 'resourceType' in input;
    return {
      bot: { reference: `Bot/${botId(this.#bot)}`, display: this.#bot.title },
      contentType: isFhir ? 'application/fhir+json' : 'application/json',
      input,
      secrets: Object.fromEntries(settings),
      headers: { 'idempotency-key': key, ...headers },
    };
  }
}
