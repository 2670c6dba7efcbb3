import { describe, expect, test } from '@jest/globals';
import type { ContactPoint } from '@medplum/fhirtypes';
import { reachableContact } from './contact.ts';

const email: ContactPoint = { system: 'email', value: 'p1@maxray.example' };
const mobile: ContactPoint = { system: 'phone', use: 'mobile', value: '+41 79 000 00 00' };
const landline: ContactPoint = { system: 'phone', use: 'home', value: '+41 44 000 00 00' };

const reached = (...telecom: ContactPoint[]) =>
  reachableContact({ resourceType: 'Patient', telecom }, '2026-01-05T13:30:00Z')?.by;

describe('reachableContact', () => {
  test('takes the better rank, and ranked before unranked', () => {
    expect(reached({ ...mobile, rank: 2 }, { ...email, rank: 1 })).toBe('email');
    expect(reached(mobile, { ...email, rank: 9 })).toBe('email');
  });

  test('takes a text message among equals, whatever their order', () => {
    expect(reached(email, mobile)).toBe('sms');
    expect(reached(mobile, email)).toBe('sms');
  });

  test('passes over what is over, not yet begun, old, or empty', () => {
    expect(reached({ ...mobile, period: { end: '2020-01-01' } }, email)).toBe('email');
    expect(reached({ ...mobile, period: { start: '2030-01-01' } }, email)).toBe('email');
    expect(reached({ ...mobile, use: 'old' }, email)).toBe('email');
    expect(reached({ system: 'sms' }, email)).toBe('email');
  });

  test('cannot write to a landline', () => {
    expect(reached(landline)).toBeUndefined();
    expect(reached()).toBeUndefined();
  });
});
