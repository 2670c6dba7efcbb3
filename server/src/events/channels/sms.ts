import { errorIssue, type Issue } from '../../fhir/outcome.ts';
import type { SubscriptionRequest } from '../subscriptions/request.ts';
import type { Breakers } from './breakers.ts';
import type { Notice, Outcome, PushChannel } from './channel.ts';
import { telephoneRecipient, type Recipients } from './recipients.ts';
import { personFaults } from './toPeople.ts';
import { wordingOf } from './wording.ts';

/** A short message that tells of events. */
export interface EventSms {
  /** With its country: `+41446681800`. */
  to: string;
  text: string;
  /** The same for each attempt at the same. */
  key: string;
  /** Gives it up. */
  signal: AbortSignal;
}

/** @returns the status that the gateway answered @throws Error where it did not answer */
export type SendSms = (sms: EventSms) => Promise<number>;

export interface SmsParts {
  /** Absolute URL of the FHIR base. */
  base: string;
  sendSms: SendSms;
  recipients: Recipients;
  breakers: Breakers;
  /** The server ends: what is under way is given up, and told again. */
  signal: AbortSignal;
}

/** All of them go by one gateway. */
const GATEWAY = 'sms:';
const SERVER_ERROR = 500;
const PAYLOAD = 'text/plain';

/** Short messages of one line: they name a resource at most. */
export class Sms implements PushChannel {
  readonly #parts: SmsParts;

  constructor(parts: SmsParts) {
    this.#parts = parts;
  }

  faults(request: SubscriptionRequest): Issue[] {
    return [...payloadFaults(request), ...personFaults(request, telephoneRecipient, this.#parts.recipients)];
  }

  /** It costs money. */
  greets(): boolean {
    return false;
  }

  async send(notice: Notice, beforeSending: () => Promise<void>): Promise<Outcome> {
    const { base, sendSms, recipients, breakers } = this.#parts;
    const { channel } = notice.request;
    const recipient = telephoneRecipient(channel.endpoint!);
    if (recipient?.kind !== 'telephone' || !recipients.allow(recipient))
      return { kind: 'failed', fault: 'the number is not allowed any more' };
    const restMs = breakers.restMs(GATEWAY);
    if (restMs > 0) return { kind: 'resting', ms: restMs };
    await beforeSending();
    const signal = AbortSignal.any([this.#parts.signal, AbortSignal.timeout(channel.timeoutMs)]);
    const text = wordingOf(base, notice).short;
    try {
      const status = await sendSms({ to: recipient.number, text, key: notice.key, signal });
      if (status < SERVER_ERROR) breakers.succeeded(GATEWAY);
      else breakers.failed(GATEWAY);
      const isAccepted = status >= 200 && status < 300;
      return isAccepted ? { kind: 'accepted' } : { kind: 'failed', fault: `the gateway answered ${status}` };
    } catch {
      if (this.#parts.signal.aborted) return { kind: 'resting', ms: 0 };
      breakers.failed(GATEWAY);
      return { kind: 'failed', fault: 'the gateway did not answer' };
    }
  }
}

function payloadFaults({ asked, channel: { payload, content } }: SubscriptionRequest): Issue[] {
  const at = 'Subscription.channel.payload';
  if (payload === undefined && asked.kind === 'topic') {
    const text = 'A subscription to a topic needs a payload, with the extension that says how much of it.';
    return [errorIssue('required', text, at)];
  }
  if (payload !== undefined && payload.split(';')[0]!.trim().toLowerCase() !== PAYLOAD)
    return [errorIssue('not-supported', `The payload of short messages must be ${PAYLOAD}.`, at)];
  if (content !== 'full-resource') return [];
  return [
    errorIssue('not-supported', 'Short messages hold no resources: ask for id-only, or for empty.', at),
  ];
}
