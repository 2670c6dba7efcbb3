import { errorIssue, type Issue } from '../../fhir/outcome.ts';
import type { Destinations } from '../../outgoing/destinations.ts';
import { exchange, SendError, type Answer } from '../../outgoing/send.ts';
import type { SigningKeys } from '../notifications/signature.ts';
import type { Channel } from '../subscriptions/request.ts';
import type { Breakers } from './breakers.ts';
import type { Notice, Outcome } from './channel.ts';

/** A request with a notification. */
export interface HttpNotification {
  method: 'POST' | 'PUT';
  url: string;
  /** Empty: no body. */
  body: string;
  /** Of the body. */
  contentType: string;
  /** Besides those that all have, and those of the channel. */
  headers?: Record<string, string>;
  /** Absent: the answer is not looked at beyond its status. */
  answerBytesMax?: number;
}

export interface HttpSenderParts {
  destinations: Destinations;
  keys: SigningKeys;
  breakers: Breakers;
  /** The server ends: what is under way is given up, and told again. */
  signal: AbortSignal;
}

const SERVER_ERROR = 500;

/** Sends signed requests to endpoints of subscribers, and leaves those alone that do not answer. */
export class HttpSender {
  readonly #parts: HttpSenderParts;

  constructor(parts: HttpSenderParts) {
    this.#parts = parts;
  }

  /** What is wrong with an endpoint. */
  endpointFaults({ endpoint }: Channel): Issue[] {
    const fault = endpoint === undefined ? 'It is missing.' : this.#parts.destinations.urlFault(endpoint);
    if (fault === undefined) return [];
    const text = `The endpoint cannot be used. ${fault} It must be an https URL of a public address, or one that the operator has allowed (SUBSCRIPTION_ALLOW).`;
    const code = endpoint === undefined ? 'required' : 'security';
    return [errorIssue(code, text, 'Subscription.channel.endpoint')];
  }

  /** @param judge says of an answer of 2xx what is wrong with it, as an Outcome's `fault` */
  async send(
    { subscription, request: { channel }, key }: Pick<Notice, 'subscription' | 'request' | 'key'>,
    notification: HttpNotification,
    beforeSending: () => Promise<void>,
    judge: (answer: Answer) => string | undefined = () => undefined,
  ): Promise<Outcome> {
    const { destinations, keys, breakers, signal } = this.#parts;
    const { method, url, body, contentType, headers, answerBytesMax } = notification;
    const { origin } = new URL(url);
    const restMs = breakers.restMs(origin);
    if (restMs > 0) return { kind: 'resting', ms: restMs };
    await beforeSending();
    const outgoing = {
      ...{ method, url, body, signal, timeoutMs: channel.timeoutMs },
      headers: {
        ...(body === '' ? {} : { 'Content-Type': contentType }),
        ...headers,
        ...Object.fromEntries(channel.headers),
        'Idempotency-Key': key,
        'X-Signature': keys.sign(subscription, body),
      },
      ...(answerBytesMax !== undefined && { answerBytesMax }),
    };
    try {
      const answer = await exchange(outgoing, destinations);
      // What it refuses says nothing of how it does.
      if (answer.status < SERVER_ERROR) breakers.succeeded(origin);
      else breakers.failed(origin);
      const isAccepted = answer.status >= 200 && answer.status < 300;
      const fault = isAccepted ? judge(answer) : `the endpoint answered ${answer.status}`;
      return fault === undefined ? { kind: 'accepted' } : { kind: 'failed', fault };
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      if (signal.aborted) return { kind: 'resting', ms: 0 };
      breakers.failed(origin);
      return { kind: 'failed', fault: error.message };
    }
  }
}
