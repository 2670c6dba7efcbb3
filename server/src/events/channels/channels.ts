import { errorIssue, type Issue } from '../../fhir/outcome.ts';
import { isFetched, type Channel, type SubscriptionRequest } from '../subscriptions/request.ts';
import type { PushChannel } from './channel.ts';
import { payloadFaults } from './payload.ts';

/** A channel that the operator has not made possible, and what would. @returns a sentence */
export type Missing = { missing: string };

const TYPE = 'Subscription.channel.type';

/** The ways by which somebody can be told: by connecting, or by one of the channels by which notifications are sent. */
export class Channels {
  readonly #byType: ReadonlyMap<string, PushChannel | Missing>;

  constructor(byType: Readonly<Record<string, PushChannel | Missing>>) {
    this.#byType = new Map(Object.entries(byType));
  }

  /** By what notifications of this channel are sent; undefined: by nothing that there is here (any more). */
  of({ type }: Channel): PushChannel | undefined {
    const channel = this.#byType.get(type);
    return channel === undefined || 'missing' in channel ? undefined : channel;
  }

  /** What is wrong with a channel as a client asks for it. */
  faults(request: SubscriptionRequest): Issue[] {
    const { channel } = request;
    const { type, customType } = channel;
    if (customType !== undefined) {
      const text = `Channels of the type '${customType}' are not offered: leave the extension out, and use ${this.#offered()}.`;
      return [errorIssue('not-supported', text, `${TYPE}.extension[0].value`)];
    }
    if (isFetched(channel)) return payloadFaults(request);
    const found = this.#byType.get(type);
    if (found !== undefined && !('missing' in found)) return found.faults(request);
    const text = `Channels of the type '${type}' are not offered: ${found?.missing ?? `use ${this.#offered()}.`}`;
    return [errorIssue('not-supported', text, TYPE)];
  }

  #offered(): string {
    const types = [...this.#byType].flatMap(([type, channel]) => ('missing' in channel ? [] : [type]));
    return ['websocket', ...types].sort().join(', ');
  }
}
