import { describe, expect, test } from '@jest/globals';
import { e164 } from '../../send-sms/gateway.ts';
import { calendarEntry } from '../../notify/calendar.ts';
import { fill, mailHtml } from '../../lib/wording/render.ts';
import type { Language } from '../../lib/wording/wording.ts';
import { LANGUAGE_CODES, LANGUAGES, TEMPLATES } from '../../lib/wording/wording.ts';

const READER = { language: 'en', timeZone: 'America/Phoenix' } as const;
const start = { at: '2026-01-05T13:30:00Z' };

describe.each(LANGUAGE_CODES)('%s', (code) => {
  const language: Language = LANGUAGES[code];
  const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

  test('has all templates, which take what the English ones take', () => {
    expect(Object.keys(language.words).sort()).toEqual([...TEMPLATES].sort());
    for (const name of TEMPLATES) {
      const own = language.words[name];
      const english = LANGUAGES.en.words[name];
      expect([name, placeholders(own.text), placeholders(own.inside ?? '')]).toEqual([
        name,
        placeholders(english.text),
        placeholders(english.inside ?? ''),
      ]);
      expect(own.subject).not.toContain('{');
    }
    expect(Intl.DateTimeFormat.supportedLocalesOf(language.locale)).toHaveLength(1);
  });

  test('says what others may read without values but times', () => {
    for (const { text } of Object.values(language.words))
      for (const name of placeholders(text)) expect(['start', 'before']).toContain(name);
  });
});

test('values are put in, and what lacks one is left out', () => {
  expect(fill('On {start}[ at {place}].[ Before: {before}.]', { start, place: '[x] {y}' }, READER)).toMatch(
    /^On Monday,? 5 January 2026 at 06:30 .+ at \[x\] \{y\}\.$/,
  );
  expect(fill('{amount}', { amount: { amount: 12.5, currency: 'EUR' } }, READER)).toBe('€12.50');
});

test('HTML has no tags of values in it', () => {
  expect(mailHtml({ subject: '<b>', text: '"&' }, 'en', undefined)).toContain('<p>&quot;&amp;</p>');
});

describe('an entry of a calendar', () => {
  const parts = {
    about: 'Appointment/visit',
    summary: 'Termin gebucht',
    organizer: 'clinic@maxray.example',
    attendee: 'ada@patients.example',
    portal: undefined,
  };
  const values = {
    start,
    end: { at: '2026-01-05T14:00:00Z' },
    written: { at: '2026-01-01T00:00:00Z' },
    sequence: '3',
  };

  test('is found again by its UID, and replaced by its SEQUENCE', () => {
    const entry = calendarEntry({ name: 'appointment-moved', values }, parts)!;
    expect(entry.method).toBe('REQUEST');
    const lines = entry.text.split('\r\n');
    for (const line of [
      'METHOD:REQUEST',
      'UID:appointment-visit@maxray.example',
      'SEQUENCE:3',
      'DTSTAMP:20260101T000000Z',
      'DTSTART:20260105T133000Z',
      'DTEND:20260105T140000Z',
      'STATUS:CONFIRMED',
    ])
      expect(lines).toContain(line);
    expect(calendarEntry({ name: 'appointment-moved', values }, parts)).toEqual(entry);
  });

  test('cancels what is cancelled; of a reminder there is none', () => {
    const cancelled = calendarEntry({ name: 'appointment-cancelled', values }, parts)!;
    expect(cancelled.method).toBe('CANCEL');
    expect(cancelled.text).toContain('STATUS:CANCELLED');
    expect(calendarEntry({ name: 'appointment-reminder', values }, parts)).toBeUndefined();
    expect(calendarEntry({ name: 'result-available', values }, parts)).toBeUndefined();
  });
});

test('telephone numbers need a country code', () => {
  expect([e164('+1 (520) 555-0123'), e164('0041 79 000 00 00'), e164('079 000 00 00')]).toEqual([
    '+15205550123',
    '+41790000000',
    undefined,
  ]);
});
