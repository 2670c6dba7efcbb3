import type { Issue } from '../../fhir/outcome.ts';
import type { SubscriptionRequest } from '../subscriptions/request.ts';
import type { Notice, Outcome, PushChannel } from './channel.ts';
import type { HttpNotification, HttpSender } from './httpSender.ts';
import { bundleText, inFormat, type TextParts } from './notificationText.ts';
import { payloadFaults, payloadFormat } from './payload.ts';

const CONTENT_TYPE = 'application/fhir+json';

/** Notifications to endpoints (http://hl7.org/fhir/R4/subscription.html#2.46.6.2). */
export class RestHook implements PushChannel {
  readonly #sender: HttpSender;
  readonly #texts: TextParts;

  constructor(sender: HttpSender, texts: TextParts) {
    this.#sender = sender;
    this.#texts = texts;
  }

  faults(request: SubscriptionRequest): Issue[] {
    return [...payloadFaults(request), ...this.#sender.endpointFaults(request.channel)];
  }

  greets({ asked }: SubscriptionRequest): boolean {
    return asked.kind === 'topic';
  }

  send(notice: Notice, beforeSending: () => Promise<void>): Promise<Outcome> {
    return this.#sender.send(notice, this.#notification(notice), beforeSending);
  }

  #notification(notice: Notice): HttpNotification {
    const { channel, asked } = notice.request;
    const contentType = channel.payload ?? CONTENT_TYPE;
    const url = channel.endpoint!;
    const inPayload = (json: string) => inFormat(this.#texts.xml, json, payloadFormat(channel));
    if (asked.kind === 'topic')
      return { method: 'POST', url, contentType, body: inPayload(bundleText(this.#texts, notice)) };
    if (channel.payload === undefined) return { method: 'POST', url, contentType, body: '' };
    const { delivery, told } = notice.events[0]!;
    const content = told?.content ?? null;
    return {
      ...{ method: 'PUT', contentType },
      url: below(url, `${delivery.type}/${delivery.id}`),
      body: content === null ? '' : inPayload(content),
    };
  }
}

/**
 * R4's own notification with a payload is an update of the resource below the endpoint
 * (http://hl7.org/fhir/R4/valueset-subscription-channel-type.html).
 */
export function below(endpoint: string, path: string): string {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
  return url.href;
}
