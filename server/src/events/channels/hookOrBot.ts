import type { Issue } from '../../fhir/outcome.ts';
import { botOf, type SubscriptionRequest } from '../subscriptions/request.ts';
import type { Notice, Outcome, PushChannel } from './channel.ts';

/** Rest-hooks: to endpoints, or where the endpoint is `Bot/[id]`, to a Bot of this server. */
export class HookOrBot implements PushChannel {
  readonly #hook: PushChannel;
  readonly #bot: PushChannel;

  constructor(hook: PushChannel, bot: PushChannel) {
    this.#hook = hook;
    this.#bot = bot;
  }

  faults(request: SubscriptionRequest): Issue[] {
    return this.#of(request).faults(request);
  }

  greets(request: SubscriptionRequest): boolean {
    return this.#of(request).greets(request);
  }

  send(notice: Notice, beforeSending: () => Promise<void>): Promise<Outcome> {
    return this.#of(notice.request).send(notice, beforeSending);
  }

  #of({ channel }: SubscriptionRequest): PushChannel {
    return botOf(channel) === undefined ? this.#hook : this.#bot;
  }
}
