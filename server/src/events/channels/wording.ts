import type { Delivery } from '../../records/events/eventRecords.ts';
import type { Notice } from './channel.ts';

/** What people are told in mails and short messages: never more than the channel's content lets out. */
export interface Wording {
  subject: string;
  text: string;
  /** In one line, for a short message. */
  short: string;
}

/** Resources named in one text. */
const NAMED_MAX = 20;

/** @param base absolute URL of the FHIR base */
export function wordingOf(base: string, notice: Notice): Wording {
  const subscription = `${base}/Subscription/${notice.subscription}`;
  if (notice.type === 'handshake') {
    const subject = 'You will be told of events';
    const text = `${subject}, as this Subscription asks:\n${subscription}\n\nIf you did not ask for that, tell the operator of the server.\n`;
    return { subject, text, short: `${subject} of ${subscription}` };
  }
  if (notice.type === 'heartbeat') {
    const subject = 'Nothing new: a sign of life';
    const text = `This Subscription is in order; its last event was number ${notice.eventsSinceStart}:\n${subscription}\n`;
    return { subject, text, short: `${subject} of ${subscription}` };
  }
  return eventWording(base, subscription, notice);
}

function eventWording(base: string, subscription: string, { request, events }: Notice): Wording {
  const numbers = events.map(({ delivery }) => delivery.number);
  const [first = 0, last = 0] = [numbers[0], numbers.at(-1)];
  const subject = numbers.length === 1 ? `New event ${first}` : `New events ${first} to ${last}`;
  const all = `${subscription}/$events?eventsSinceNumber=${first}`;
  const shown = request.channel.content === 'empty' ? [] : events.filter(({ told }) => told !== undefined);
  const urls = shown.map(({ delivery }) => `${base}/${delivery.type}/${delivery.id}`);
  const lines = shown.map(
    ({ delivery }, i) => `${urls[i]} ${doneTo(delivery)} ${delivery.occurred.toISOString()}`,
  );
  const named = [...lines.slice(0, NAMED_MAX), ...(lines.length > NAMED_MAX ? ['…'] : [])];
  const text = `${subject} of this Subscription:\n${subscription}\n\n${named.map((line) => `${line}\n`).join('')}\nAll of it, after you have signed in:\n${all}\n`;
  return { subject, text, short: `${subject}: ${urls.length === 1 ? urls[0] : all}` };
}

function doneTo({ method, version }: Delivery): string {
  if (method === 'D') return 'deleted';
  return version === 1 ? 'created' : 'changed';
}
