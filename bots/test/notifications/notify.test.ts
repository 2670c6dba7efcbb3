import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Appointment, Communication } from '@medplum/fhirtypes';
import * as reminder from '../../appointment-reminder/bot.ts';
import { CHANNEL_SYSTEM, KIND_SYSTEM, OUTCOME_SYSTEM, WINDOW_EXTENSION } from '../../lib/notify/codes.ts';
import { noticeResource } from '../../lib/notify/tell.ts';
import * as notify from '../../notify/bot.ts';
import { PUSH_SUBSCRIPTION_CODE } from '../../lib/push/subscriptions.ts';
import * as release from '../../release-messages/bot.ts';
import { People } from '../../../server/test/support/people.ts';
import { BotWorkshop, type Trial } from '../support/workshop.ts';
import { notices as noticesOf, trial } from './trials.ts';
import { ADA, appointment, DOCTOR, prefers, prepareWorld, WAKEFUL, type Stored } from './world.ts';

let workshop: BotWorkshop;
beforeAll(async () => {
  workshop = await BotWorkshop.open();
  await prepareWorld(workshop);
});
afterAll(() => workshop.close());

const [PUSH_SYSTEM, PUSH_CODE] = PUSH_SUBSCRIPTION_CODE.split('|');
const notices = (of: Trial): Promise<string[]> => noticesOf(workshop, of);

describe('reminders', () => {
  /** 15 January 2032, 13:30 UTC: 14:30 in Berlin. */
  const at = (due: string, changes: Partial<Appointment> = {}) =>
    trial(reminder, async () => {
      const times = { start: '2032-01-15T13:30:00Z', end: '2032-01-15T14:00:00Z' };
      await workshop.put(appointment({ id: 'reminded', ...times, ...changes }));
      return workshop.events(reminder.bot).ofCron(due);
    });

  test('are made 24 hours and 1 hour before, once, however often it is asked', async () => {
    const day = at('2032-01-14T13:30:00Z');
    expect(await notices(day)).toEqual([
      'appointment-reminder to Patient/ada',
      'appointment-reminder to Practitioner/okafor',
    ]);
    expect(await notices(at('2032-01-14T13:25:00Z'))).toEqual([]);
    expect(await notices(at('2032-01-15T12:30:00Z'))).toHaveLength(2);
    expect(await notices(at('2032-01-15T12:25:00Z'))).toEqual([]);
    await workshop.expectTwiceAsOnce(day);
    expect(await workshop.expectToSurvive(day)).toBeGreaterThan(2);
  });

  test('are not made of what is cancelled', async () => {
    expect(await notices(at('2032-01-14T13:30:00Z', { status: 'cancelled' }))).toEqual([]);
  });
});

describe('a notice', () => {
  const notice = (to: string, changes: object = {}) =>
    trial(notify, async () => {
      const stored = await workshop.put({
        ...noticeResource({
          key: 'n1',
          kind: 'result',
          to: { reference: to },
          template: { name: 'result-available', values: { what: 'Blood count' } },
          about: 'DiagnosticReport/report',
        }),
        id: 'notice',
        ...changes,
      } as Stored<Communication>);
      return workshop.events(notify.bot).ofCriteria(stored);
    });
  const messages = async (of: Trial) => {
    const { stored } = await workshop.run(of);
    return stored
      .map((text) => JSON.parse(text) as Communication)
      .filter(({ medium }) => medium !== undefined);
  };

  test('becomes a message for each channel, in the language of the person; what it is about is told inside only', async () => {
    await workshop.put({
      resourceType: 'Basic',
      id: 'browser',
      code: { coding: [{ system: PUSH_SYSTEM, code: PUSH_CODE }] },
      subject: { reference: 'Patient/ada' },
    } as never);
    const made = await messages(notice('Patient/ada'));
    expect(made.map(({ medium, status }) => [medium?.[0]?.coding?.[0]?.code, status]).sort()).toEqual([
      ['email', 'preparation'],
      ['in-app', 'completed'],
      ['push', 'preparation'],
    ]);
    for (const one of made) {
      const isInside = one.medium?.[0]?.coding?.[0]?.code === 'in-app';
      expect(one).toMatchObject({ language: 'de', topic: { text: 'Ein Befund liegt vor' } });
      expect([isInside, JSON.stringify(one).includes('Blood count')]).toEqual([isInside, isInside]);
    }
  });

  test('twice, or cut off anywhere, becomes the same messages', async () => {
    await workshop.expectTwiceAsOnce(notice('Patient/ada'));
    expect(await workshop.expectToSurvive(notice('Patient/ada'))).toBe(7);
  });

  test('goes by what the person has chosen, and waits where it is loud and night', async () => {
    const always = [
      { url: 'start', valueTime: '00:00:00' },
      { url: 'end', valueTime: '23:59:59' },
    ];
    const carl = {
      ...ADA,
      id: 'carl',
      extension: [{ ...WAKEFUL, extension: always }, prefers(['sms'], ['result']), prefers(['email'])],
    };
    await workshop.put(carl);
    const made = await messages(notice('Patient/carl'));
    const sms = made.find(({ medium }) => medium?.[0]?.coding?.[0]?.code === 'sms');
    expect(made).toHaveLength(2);
    // From 23:59 to midnight it is not quiet.
    expect(['on-hold', 'preparation']).toContain(sms?.status);
    const urgent = await messages(notice('Patient/carl', { priority: 'stat' }));
    expect(urgent.map(({ status }) => status).sort()).toEqual(['completed', 'preparation']);
  });

  test('of words of its own is told inside only', async () => {
    const made = await messages(
      notice('Practitioner/okafor', {
        extension: undefined,
        category: [{ coding: [{ system: KIND_SYSTEM, code: 'message' }] }],
        topic: { text: 'Potassium' },
        payload: [{ contentString: 'Potassium is 6.9, please call.' }],
      }),
    );
    for (const one of made) {
      const isInside = one.medium?.[0]?.coding?.[0]?.code === 'in-app';
      expect(JSON.stringify(one).includes('Potassium')).toBe(isInside);
      expect(one.topic?.text).toBe(isInside ? 'Potassium' : 'Vous avez un message');
    }
    expect(made).toHaveLength(2); // by mail and inside: there is no browser
  });

  test('to nobody is given up', async () => {
    const { stored } = await workshop.run(notice('Patient/nobody'));
    expect(stored.join()).toContain('no-address');
    await workshop.put({ ...DOCTOR, id: 'retired', active: false } as never);
    expect(await messages(notice('Practitioner/retired'))).toEqual([]);
  });
});

test('who is told in the app may say that it was read, and change nothing else of it', async () => {
  const people = new People(workshop.server);
  await people.prepare('maxray-patient');
  const Authorization = await people.client('ada-app', {
    profile: 'Patient/ada',
    policies: ['maxray-patient'],
  });
  const put = async (id: string, changes: object) => {
    const { meta: _, ...message } = inApp;
    const response = await fetch(`${workshop.base}/Communication/${id}`, {
      method: 'PUT',
      headers: { Authorization, 'Content-Type': 'application/fhir+json' },
      body: JSON.stringify({ ...message, id, ...changes }),
    });
    return response.status;
  };
  const inApp = await workshop.put({
    resourceType: 'Communication',
    id: 'in-app',
    status: 'completed',
    category: [{ coding: [{ system: KIND_SYSTEM, code: 'result' }] }],
    medium: [{ coding: [{ system: CHANNEL_SYSTEM, code: 'in-app' }] }],
    subject: { reference: 'Patient/ada' },
    recipient: [{ reference: 'Patient/ada' }],
    payload: [{ contentString: 'A result is available.' }],
  } as Stored<Communication>);
  const received = '2026-11-22T10:00:00Z';
  expect(await put('in-app', { received })).toBe(200);
  const changed = [{ contentString: 'Nothing is available.' }];
  expect(await put('in-app', { received, payload: changed })).toBe(403);
  await workshop.put({
    ...inApp,
    id: 'of-okafor',
    subject: undefined,
    recipient: [{ reference: 'Practitioner/okafor' }],
  });
  expect([403, 404]).toContain(await put('of-okafor', { received }));
});

test('messages that were held are let go when their time has come, and given up when it is over', async () => {
  const held = (id: string, window: object) =>
    ({
      resourceType: 'Communication',
      id,
      status: 'on-hold',
      category: [{ coding: [{ system: KIND_SYSTEM, code: 'reminder' }] }],
      extension: [{ url: WINDOW_EXTENSION, valuePeriod: window }],
      recipient: [{ reference: 'Patient/ada' }],
    }) as Stored<Communication>;
  const releasing = trial(release, async () => {
    await workshop.put(held('ripe', { start: '2020-01-01T07:00:00Z', end: '2099-01-01T00:00:00Z' }));
    await workshop.put(held('stale', { start: '2020-01-01T07:00:00Z', end: '2020-01-01T08:00:00Z' }));
    await workshop.put(held('early', { start: '2098-01-01T07:00:00Z' }));
    return workshop.events(release.bot).ofCron('2031-01-01T07:00:00Z');
  });
  const { stored } = await workshop.run(releasing);
  const states = stored.map((text) => JSON.parse(text) as Communication & { own: string });
  const shown = states.map(({ own, status, statusReason }) => [own, status, statusReason?.coding?.[0]]);
  expect(shown.sort(([a], [b]) => (a! < b! ? -1 : 1))).toEqual([
    ['Communication/early', 'on-hold', undefined],
    ['Communication/ripe', 'preparation', undefined],
    ['Communication/stale', 'not-done', { system: OUTCOME_SYSTEM, code: 'expired' }],
  ]);
  expect(await workshop.expectToSurvive(releasing)).toBeGreaterThan(2);
});
