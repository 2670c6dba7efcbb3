import { describe, expect, test } from '@jest/globals';
import type { ContactPoint, Patient } from '@medplum/fhirtypes';
import type { Kind } from '../../lib/notify/codes.ts';
import { reachableContacts } from '../../lib/person/contact.ts';
import { chooseLanguage } from '../../lib/person/language.ts';
import { channelsFor } from '../../lib/person/preferences.ts';
import { quietAround, quietHoursOf, USUAL_QUIET_HOURS } from '../../lib/person/quietHours.ts';
import { statedTimeZone } from '../../lib/person/timeZone.ts';
import { prefers, timeZone, WAKEFUL } from './world.ts';

const NOW_MS = Date.parse('2026-01-05T13:30:00Z');
const email: ContactPoint = { system: 'email', value: 'p1@maxray.example' };
const mobile: ContactPoint = { system: 'phone', use: 'mobile', value: '+41 79 000 00 00' };
const landline: ContactPoint = { system: 'phone', use: 'home', value: '+41 44 000 00 00' };

describe('where to write to somebody', () => {
  const reached = (...telecom: ContactPoint[]) => reachableContacts({ telecom }, NOW_MS, 'sms')[0]?.by;

  test('is the address with the better rank, and ranked before unranked', () => {
    expect(reached({ ...mobile, rank: 2 }, { ...email, rank: 1 })).toBe('email');
    expect(reached(mobile, { ...email, rank: 9 })).toBe('email');
  });

  test('among equals is the one that suits the matter, whatever their order', () => {
    expect(reached(email, mobile)).toBe('sms');
    expect(reachableContacts({ telecom: [mobile, email] }, NOW_MS, 'email')[0]?.by).toBe('email');
  });

  test('is nothing that is over, not yet begun, old, or empty, and no landline', () => {
    expect(reached({ ...mobile, period: { end: '2020-01-01' } }, email)).toBe('email');
    expect(reached({ ...mobile, period: { start: '2030-01-01' } }, email)).toBe('email');
    expect(reached({ ...mobile, use: 'old' }, email)).toBe('email');
    expect(reached({ system: 'sms' }, email)).toBe('email');
    expect(reached(landline)).toBeUndefined();
  });
});

describe('channels', () => {
  const of = (kind: Kind, ...extension: object[]) =>
    channelsFor({ resourceType: 'Patient', telecom: [mobile, email], extension } as Patient, kind, NOW_MS);

  test('are the best written one, Web Push and the app, where nothing is chosen', () => {
    expect(of('appointment')).toEqual(['email', 'push', 'in-app']);
    expect(of('reminder')).toEqual(['sms', 'push', 'in-app']);
  });

  test('are those chosen for the matter, else those chosen for all; always the app', () => {
    const chosen = [prefers(['push']), prefers(['sms', 'email'], ['result'])];
    expect(of('result', ...chosen)).toEqual(['sms', 'email', 'in-app']);
    expect(of('billing', ...chosen)).toEqual(['push', 'in-app']);
    expect(of('billing', prefers([]))).toEqual(['in-app']);
  });

  test('of emergencies are declined by name only', () => {
    expect(of('emergency', prefers([]))).toEqual(['sms', 'push', 'in-app']);
    expect(of('emergency', prefers([], ['emergency']))).toEqual(['in-app']);
  });
});

describe('quiet hours', () => {
  test('are those that were chosen, else the usual ones', () => {
    expect(quietHoursOf({ extension: [WAKEFUL] })).toEqual({ startMinute: 0, endMinute: 0 });
    expect(quietHoursOf({})).toBe(USUAL_QUIET_HOURS);
  });

  test('lie around an instant of the night, and around none of the day', () => {
    const night = quietAround(Date.parse('2026-01-05T02:15:30Z'), USUAL_QUIET_HOURS, 'Europe/Berlin')!;
    expect([night.startMs, night.endMs].map((ms) => new Date(ms).toISOString())).toEqual([
      '2026-01-04T20:00:00.000Z',
      '2026-01-05T07:00:00.000Z',
    ]);
    expect(quietAround(NOW_MS, USUAL_QUIET_HOURS, 'Europe/Berlin')).toBeUndefined();
    expect(quietAround(NOW_MS, USUAL_QUIET_HOURS, 'Asia/Tokyo')).toBeDefined(); // 22:30
    expect(quietAround(NOW_MS, { startMinute: 0, endMinute: 0 }, 'UTC')).toBeUndefined();
  });
});

test('the language is the preferred one that there are words in', () => {
  const speaks = (...codes: string[]): Patient => ({
    resourceType: 'Patient',
    communication: codes.map((code, i) => ({ language: { coding: [{ code }] }, preferred: i === 1 })),
  });
  expect(chooseLanguage(speaks('de', 'fr-CA'), ['en', 'de', 'fr'], 'en')).toBe('fr');
  expect(chooseLanguage(speaks('de', 'nv'), ['en', 'de', 'fr'], 'en')).toBe('de');
  expect(chooseLanguage(speaks('nv'), ['en', 'de', 'fr'], 'en')).toBe('en');
});

test('a time zone that there is not is none', () => {
  expect(statedTimeZone({ extension: [timeZone('America/Phoenix')] })).toBe('America/Phoenix');
  expect(statedTimeZone({ extension: [timeZone('Mars/Olympus')] })).toBeUndefined();
});
