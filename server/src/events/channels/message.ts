import { randomUUID } from 'node:crypto';
import { derivedUuid } from '../../fhir/derivedUuid.ts';
import type { Issue } from '../../fhir/outcome.ts';
import type { Answer } from '../../outgoing/send.ts';
import type { SubscriptionRequest } from '../subscriptions/request.ts';
import type { Notice, Outcome, PushChannel } from './channel.ts';
import type { HttpSender } from './httpSender.ts';
import { answerFault } from './messageAnswer.ts';
import { bundleText, inFormat, type TextParts } from './notificationText.ts';
import { payloadFaults, payloadFormat } from './payload.ts';
import { below } from './restHook.ts';

/** Longest answer to a message that is read. */
export const MESSAGE_ANSWER_BYTES_MAX = 1_048_576;
/** Event of messages of R4's own Subscriptions. */
const EVENT = {
  system: 'https://maxray.example/fhir/CodeSystem/maxray-message-event',
  code: 'subscription-notification',
  display: 'Subscription notification',
};
const OPERATION = '$process-message';
const CONTENT_TYPES = { json: 'application/fhir+json', xml: 'application/fhir+xml' } as const;

/**
 * FHIR messages (http://hl7.org/fhir/R4/messaging.html) to another server's `$process-message`. The event of a topic's notification is the topic, and it is
 * about the notification Bundle; that of R4's own is about the resource, where a payload is asked for.
 */
export class Message implements PushChannel {
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
    const { channel } = notice.request;
    const { xml } = this.#texts;
    const format = payloadFormat(channel);
    const headerId = derivedUuid(['message', this.#texts.base, notice.key]);
    const contentType = channel.payload ?? CONTENT_TYPES[format];
    const notification = {
      method: 'POST' as const,
      url: below(channel.endpoint!, OPERATION),
      body: inFormat(xml, this.#text(notice, headerId), format),
      contentType,
      headers: { Accept: CONTENT_TYPES[format] },
      answerBytesMax: MESSAGE_ANSWER_BYTES_MAX,
    };
    const judge = (answer: Answer) => answerFault(xml, answer, headerId);
    return this.#sender.send(notice, notification, beforeSending, judge);
  }

  /** JSON text of the message. The id of its header is the same each time that it is sent, that of the Bundle never. */
  #text(notice: Notice, headerId: string): string {
    const { base } = this.#texts;
    const { asked, channel } = notice.request;
    const focus = this.#focus(notice);
    const header = {
      resourceType: 'MessageHeader',
      id: headerId,
      ...(asked.kind === 'topic' ? { eventUri: asked.canonical } : { eventCoding: EVENT }),
      destination: [{ endpoint: channel.endpoint }],
      source: { name: 'MaxRay', software: 'MaxRay', endpoint: `${base}/${OPERATION}` },
      ...(focus && { focus: [{ reference: focus.fullUrl }] }),
    };
    const bundle = {
      resourceType: 'Bundle',
      id: randomUUID(),
      type: 'message',
      timestamp: new Date().toISOString(),
    };
    const entries = [
      JSON.stringify({ fullUrl: `urn:uuid:${headerId}`, resource: header }),
      ...(focus ? [`{"fullUrl":${JSON.stringify(focus.fullUrl)},"resource":${focus.text}}`] : []),
    ];
    return `${JSON.stringify(bundle).slice(0, -1)},"entry":[${entries.join(',')}]}`;
  }

  #focus(notice: Notice): { fullUrl: string; text: string } | undefined {
    const { asked, channel } = notice.request;
    if (asked.kind === 'topic')
      return { fullUrl: `urn:uuid:${randomUUID()}`, text: bundleText(this.#texts, notice) };
    const [event] = notice.events;
    const text = event?.told?.content ?? null;
    if (event === undefined || text === null || channel.payload === undefined) return undefined;
    return { fullUrl: `${this.#texts.base}/${event.delivery.type}/${event.delivery.id}`, text };
  }
}
