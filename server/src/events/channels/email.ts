import { errorIssue, type Issue } from '../../fhir/outcome.ts';
import type { Channel, SubscriptionRequest } from '../subscriptions/request.ts';
import type { Breakers } from './breakers.ts';
import type { Notice, Outcome, PushChannel } from './channel.ts';
import { bundleText, inFormat, type TextParts } from './notificationText.ts';
import { formatOf, PAYLOAD_TYPES, type PayloadFormat } from './payload.ts';
import { mailRecipient, type Recipients } from './recipients.ts';
import { personFaults, until } from './toPeople.ts';
import { wordingOf } from './wording.ts';

/** A mail that tells of events. */
export interface EventMail {
  to: string;
  subject: string;
  text: string;
  /** The same for each attempt at the same. */
  messageId: string;
  headers: Record<string, string>;
  attachments: { filename: string; contentType: string; content: string }[];
}

/** @throws Error with the `responseCode` of SMTP, or a `code` */
export type SendMail = (mail: EventMail) => Promise<void>;

export interface EmailParts extends TextParts {
  sendMail: SendMail;
  recipients: Recipients;
  breakers: Breakers;
  /** The server ends: what is under way is given up, and told again. */
  signal: AbortSignal;
}

/** All mails go by one server. */
const MAIL_SERVER = 'smtp:';
const TEXT = 'text/plain';
/** Nobody's absence is to be told of it (RFC 3834). */
const HEADERS = { 'Auto-Submitted': 'auto-generated' };

/**
 * Mails (http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html#email): the body is for people and names resources at most; what a payload of FHIR
 * asks for is attached.
 */
export class Email implements PushChannel {
  readonly #parts: EmailParts;

  constructor(parts: EmailParts) {
    this.#parts = parts;
  }

  faults(request: SubscriptionRequest): Issue[] {
    return [...payloadFaults(request), ...personFaults(request, mailRecipient, this.#parts.recipients)];
  }

  greets({ asked }: SubscriptionRequest): boolean {
    return asked.kind === 'topic';
  }

  async send(notice: Notice, beforeSending: () => Promise<void>): Promise<Outcome> {
    const { sendMail, recipients, breakers } = this.#parts;
    const { channel } = notice.request;
    const recipient = mailRecipient(channel.endpoint!);
    if (recipient?.kind !== 'mail' || !recipients.allow(recipient))
      return { kind: 'failed', fault: 'the address is not allowed any more' };
    const restMs = breakers.restMs(MAIL_SERVER);
    if (restMs > 0) return { kind: 'resting', ms: restMs };
    await beforeSending();
    const signal = AbortSignal.any([this.#parts.signal, AbortSignal.timeout(channel.timeoutMs)]);
    try {
      await until(sendMail(this.#mail(notice, recipient.address)), signal);
      breakers.succeeded(MAIL_SERVER);
      return { kind: 'accepted' };
    } catch (error) {
      if (this.#parts.signal.aborted) return { kind: 'resting', ms: 0 };
      const { responseCode, code } = error as { responseCode?: number; code?: string };
      // What it refuses says nothing of how it does.
      if (responseCode === undefined) breakers.failed(MAIL_SERVER);
      else breakers.succeeded(MAIL_SERVER);
      const fault = `the mail server did not take it (${responseCode ?? code ?? 'no answer'})`;
      return { kind: 'failed', fault };
    }
  }

  #mail(notice: Notice, to: string): EventMail {
    const { base } = this.#parts;
    const { subject, text } = wordingOf(base, notice);
    const messageId = `<${notice.key}@${new URL(base).hostname}>`;
    return { to, subject, text, messageId, headers: HEADERS, attachments: this.#attachments(notice) };
  }

  #attachments(notice: Notice): EventMail['attachments'] {
    const { asked, channel } = notice.request;
    const attached = attachment(channel);
    if (attached === undefined) return [];
    const { format, contentType } = attached;
    const told = notice.events[0]?.told;
    const json = asked.kind === 'topic' ? bundleText(this.#parts, notice) : (told?.content ?? null);
    if (json === null) return [];
    const filename = `notification.${format}`;
    return [{ filename, contentType, content: inFormat(this.#parts.xml, json, format) }];
  }
}

/** `application/fhir+json`, or as the guide has it `text/plain;attach=application/fhir+json`. */
function attachment({
  payload,
}: Pick<Channel, 'payload'>): { format: PayloadFormat; contentType: string } | undefined {
  if (payload === undefined) return undefined;
  const [, named] = /;\s*attach\s*=\s*"?([^";]+)"?/i.exec(payload) ?? [];
  const contentType = (named ?? payload.split(';')[0]!).trim();
  const format = formatOf(contentType);
  return format && { format, contentType };
}

function payloadFaults({ asked, channel }: SubscriptionRequest): Issue[] {
  const { payload, content } = channel;
  const at = 'Subscription.channel.payload';
  if (payload === undefined) {
    const text = 'A subscription to a topic needs a payload, with the extension that says how much of it.';
    return asked.kind === 'topic' ? [errorIssue('required', text, at)] : [];
  }
  const isText = payload.split(';')[0]!.trim().toLowerCase() === TEXT;
  const attaches = attachment(channel) !== undefined;
  if ((!isText && !attaches) || (/attach/i.test(payload) && !attaches)) {
    const text = `The payload of mails must be ${TEXT}, ${TEXT};attach=TYPE or TYPE, which is one of ${PAYLOAD_TYPES.join(', ')}.`;
    return [errorIssue('not-supported', text, at)];
  }
  if (content !== 'full-resource' || attaches) return [];
  const text = `Resources are attached to mails: ask for ${TEXT};attach=application/fhir+json.`;
  return [errorIssue('not-supported', text, at)];
}
