import type { Attachment, Communication, CommunicationPayload } from '@medplum/fhirtypes';
import type { Message } from '../lib/message/message.ts';
import { textOf, windowOf } from '../lib/message/message.ts';
import type { Channel, Kind } from '../lib/notify/codes.ts';
import {
  CHANNEL_SYSTEM,
  codeOf,
  concept,
  isKind,
  KIND_SYSTEM,
  NOTIFICATION_PROFILE,
  NOTIFICATION_SYSTEM,
  WINDOW_EXTENSION,
} from '../lib/notify/codes.ts';
import type { Template } from '../lib/notify/template.ts';
import { readTemplate } from '../lib/notify/template.ts';
import { addressFor } from '../lib/person/contact.ts';
import { chooseLanguage } from '../lib/person/language.ts';
import type { Person } from '../lib/person/person.ts';
import { channelsFor } from '../lib/person/preferences.ts';
import { quietAround, quietHoursOf } from '../lib/person/quietHours.ts';
import { isTimeZone, statedTimeZone } from '../lib/person/timeZone.ts';
import type { Reader } from '../lib/wording/render.ts';
import { fillWords, mailHtml, mailText } from '../lib/wording/render.ts';
import type { LanguageCode, Words } from '../lib/wording/wording.ts';
import { LANGUAGE_CODES, LANGUAGES } from '../lib/wording/wording.ts';
import { calendarEntry } from './calendar.ts';

export interface MessageSettings {
  /** For people who speak none of the languages that there are words in. */
  language: LanguageCode;
  /** For people who say no time zone, about what is nowhere. */
  timeZone: string;
  /** Where people sign in; absent: messages say so without a link. */
  portal?: string | undefined;
  /** The clinic's address, for entries of calendars. */
  organizer: string;
}

/** Channels that make a noise: they wait until quiet hours are over. */
const LOUD = new Set<Channel>(['sms', 'push']);
const URGENT = new Set(['asap', 'stat']);

/**
 * The messages that a notice becomes: one for each channel by which its person is told, each in words of that person.
 *
 * @param hasBrowser whether the person has registered one for Web Push
 */
export function messagesOf(
  notice: Message,
  person: Person,
  hasBrowser: boolean,
  settings: MessageSettings,
  nowMs: number,
): Communication[] {
  const category = codeOf(notice.category, KIND_SYSTEM);
  const kind: Kind = isKind(category) ? category : 'message';
  const template = readTemplate(notice.extension) ?? ({ name: 'message', values: {} } satisfies Template);
  const reader = readerOf(person, template, settings);
  const words = fillWords(LANGUAGES[reader.language].words[template.name], template.values, reader);
  const parts: Parts = { notice, person, template, words, reader, settings, nowMs };
  const channels = channelsFor(person, kind, nowMs).filter((channel) => channel !== 'push' || hasBrowser);
  return channels.map((channel) => message(parts, channel));
}

interface Parts {
  notice: Message;
  person: Person;
  template: Template;
  words: Required<Words>;
  reader: Reader;
  settings: MessageSettings;
  nowMs: number;
}

function readerOf(person: Person, { values }: Template, settings: MessageSettings): Reader {
  const place = values.timeZone;
  const zoneOfPlace = typeof place === 'string' && isTimeZone(place) ? place : undefined;
  return {
    language: chooseLanguage(person, LANGUAGE_CODES, settings.language),
    timeZone: statedTimeZone(person) ?? zoneOfPlace ?? settings.timeZone,
  };
}

function message(parts: Parts, channel: Channel): Communication {
  const { notice, words, reader, nowMs } = parts;
  const { status, notBefore } = timing(parts, channel);
  const { endMs } = windowOf(notice);
  const window = {
    ...(notBefore !== undefined && { start: notBefore }),
    ...(endMs !== undefined && { end: new Date(endMs).toISOString() }),
  };
  return {
    resourceType: 'Communication',
    meta: { profile: [NOTIFICATION_PROFILE] },
    language: reader.language,
    ...(Object.keys(window).length > 0 && { extension: [{ url: WINDOW_EXTENSION, valuePeriod: window }] }),
    identifier: [{ system: NOTIFICATION_SYSTEM, value: `${notice.id}/${channel}` }],
    partOf: [{ reference: `Communication/${notice.id}` }],
    status,
    ...(notice.category && { category: notice.category }),
    ...(notice.priority && { priority: notice.priority }),
    medium: [concept(CHANNEL_SYSTEM, channel)],
    ...(notice.subject && { subject: notice.subject }),
    topic: { text: (channel === 'in-app' && notice.topic?.text) || words.subject },
    ...(notice.about && { about: notice.about }),
    ...(channel === 'in-app' && { sent: new Date(nowMs).toISOString() }),
    recipient: notice.recipient!,
    payload: payload(parts, channel),
  };
}

/** In the app a message has arrived by being there; loud ones wait for the end of quiet hours, unless it is urgent. */
function timing(
  { notice, person, reader, nowMs }: Parts,
  channel: Channel,
): { status: 'completed' | 'preparation' | 'on-hold'; notBefore?: string } {
  if (channel === 'in-app') return { status: 'completed' };
  if (!LOUD.has(channel) || URGENT.has(notice.priority ?? 'routine')) return { status: 'preparation' };
  const quiet = quietAround(nowMs, quietHoursOf(person), reader.timeZone);
  if (!quiet) return { status: 'preparation' };
  return { status: 'on-hold', notBefore: new Date(quiet.endMs).toISOString() };
}

function payload({ notice, person, template, words, reader, settings, nowMs }: Parts, channel: Channel) {
  const { portal } = settings;
  const language = LANGUAGES[reader.language];
  const text = (contentString: string): CommunicationPayload => ({ contentString });
  if (channel === 'push') return [text(words.text)];
  if (channel === 'sms')
    return [
      text([words.text, portal && language.signIn.replace('{portal}', portal)].filter(Boolean).join(' ')),
    ];
  if (channel === 'in-app') {
    // What a notice says in words of its own is told only where the person alone reads it.
    const own = template.name === 'message' ? textOf(notice) : '';
    const links = (notice.about ?? []).map((contentReference) => ({ contentReference }));
    return [text(own || [words.text, words.inside].filter(Boolean).join(' ')), ...links];
  }
  const html = attachment('text/html; charset=utf-8', mailHtml(words, reader.language, portal));
  const about = notice.about?.[0]?.reference ?? `Communication/${notice.id}`;
  const attendee = addressFor(person, 'email', nowMs);
  const entry =
    attendee === undefined
      ? undefined
      : calendarEntry(template, {
          about,
          summary: words.subject,
          organizer: settings.organizer,
          attendee,
          portal,
        });
  const calendar = entry && attachment(`text/calendar; charset=utf-8; method=${entry.method}`, entry.text);
  return [
    text(mailText(words, language, portal)),
    { contentAttachment: html },
    ...(calendar ? [{ contentAttachment: calendar }] : []),
  ];
}

const attachment = (contentType: string, content: string): Attachment => ({
  contentType,
  data: Buffer.from(content, 'utf8').toString('base64'),
});
