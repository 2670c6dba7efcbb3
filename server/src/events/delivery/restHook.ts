import type { Delivery, Told } from '../../records/events/eventRecords.ts';
import type { Destinations } from '../../outgoing/destinations.ts';
import { send, SendError } from '../../outgoing/send.ts';
import type { SigningKeys } from '../notifications/signature.ts';
import type { Channel } from '../subscriptions/request.ts';
import type { Breakers } from './breakers.ts';

/** How an attempt ended: accepted, refused for a reason, or not made because the endpoint is to be left alone. */
export type Outcome =
  { kind: 'accepted' } | { kind: 'failed'; fault: string } | { kind: 'resting'; ms: number };

/** What is sent to an endpoint. */
export interface Notification {
  method: 'POST' | 'PUT';
  url: string;
  /** Empty: no body. */
  body: string;
  /** The same for each attempt at the same. */
  idempotencyKey: string;
}

export interface RestHookParts {
  destinations: Destinations;
  keys: SigningKeys;
  breakers: Breakers;
  /** The server ends: what is under way is given up, and told again. */
  signal: AbortSignal;
}

const SERVER_ERROR = 500;
const CONTENT_TYPE = 'application/fhir+json';

/** Sends notifications to endpoints (http://hl7.org/fhir/R4/subscription.html#2.46.6.2). */
export class RestHook {
  readonly #parts: RestHookParts;

  constructor(parts: RestHookParts) {
    this.#parts = parts;
  }

  /** @param beforeSending done before anything leaves, where something is to */
  async notify(
    subscription: string,
    channel: Channel,
    notification: Notification,
    beforeSending: () => Promise<void>,
  ): Promise<Outcome> {
    const { destinations, keys, breakers, signal } = this.#parts;
    const { method, url, body, idempotencyKey } = notification;
    const { origin } = new URL(url);
    const restMs = breakers.restMs(origin);
    if (restMs > 0) return { kind: 'resting', ms: restMs };
    await beforeSending();
    const headers = {
      ...(body === '' ? {} : { 'Content-Type': channel.payload ?? CONTENT_TYPE }),
      ...Object.fromEntries(channel.headers),
      'Idempotency-Key': idempotencyKey,
      'X-Signature': keys.sign(subscription, body),
    };
    try {
      const status = await send(
        { method, url, headers, body, timeoutMs: channel.timeoutMs, signal },
        destinations,
      );
      // What it refuses says nothing of how it does.
      if (status < SERVER_ERROR) breakers.succeeded(origin);
      else breakers.failed(origin);
      const isAccepted = status >= 200 && status < 300;
      return isAccepted ? { kind: 'accepted' } : { kind: 'failed', fault: `the endpoint answered ${status}` };
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      if (signal.aborted) return { kind: 'resting', ms: 0 };
      breakers.failed(origin);
      return { kind: 'failed', fault: error.message };
    }
  }
}

/**
 * R4's own notification: without a payload nothing but a POST, with one an update of the resource below the endpoint
 * (http://hl7.org/fhir/R4/valueset-subscription-channel-type.html).
 */
export function plainNotification(channel: Channel, delivery: Delivery, told: Told): Notification {
  const { subscription, number, type, id } = delivery;
  const idempotencyKey = `${subscription}.${number}`;
  if (channel.payload === undefined)
    return { method: 'POST', url: channel.endpoint!, body: '', idempotencyKey };
  const url = new URL(channel.endpoint!);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${type}/${id}`;
  return { method: 'PUT', url: url.href, body: told.content ?? '', idempotencyKey };
}
