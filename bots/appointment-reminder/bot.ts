import type { Appointment, Communication, Reference, Resource } from '@medplum/fhirtypes';
import { participantsOf, placeOf } from '../lib/appointment/participants.ts';
import type { BotDefinition, BotEvent, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { KIND_SYSTEM, NOTIFICATION_SYSTEM } from '../lib/notify/codes.ts';
import { noticeRules, ROLE_RULES } from '../lib/notify/rules.ts';
import { setting } from '../lib/notify/settings.ts';
import type { Notice } from '../lib/notify/tell.ts';
import { tell } from '../lib/notify/tell.ts';
import type { Person } from '../lib/person/person.ts';
import { isToBeTold, readIfThere } from '../lib/person/person.ts';
import { quietHoursOf } from '../lib/person/quietHours.ts';
import { personRules } from '../lib/person/rules.ts';
import { isTimeZone, statedTimeZone } from '../lib/person/timeZone.ts';
import { dueMs, isTimeToRemind } from './due.ts';

const HOUR_MS = 3_600_000;
const USUAL_HOURS = [24, 1];
/** Longest time before an appointment; quiet hours may move a reminder further ahead by as much as they last. */
const HOURS_BEFORE_MAX = 24 * 14;
const QUIET_MAX_MS = 24 * HOUR_MS;
/** Reminders made before this are not made again: they are too late by then. */
const MADE_LATELY_MS = 12 * HOUR_MS;
const PAGE = 100;

export const bot: BotDefinition = {
  name: 'appointment-reminder',
  title: 'Reminders of appointments',
  description:
    'Reminds patients and staff of their appointments, 24 hours and 1 hour before, outside of quiet hours.',
  triggers: [{ cron: '*/5 * * * *' }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [
      {
        resourceType: 'Appointment',
        criteria: 'Appointment?status=booked',
        interaction: ['search', 'read'],
        hiddenFields: ['reasonCode', 'reasonReference', 'description', 'comment', 'patientInstruction'],
      },
      { resourceType: 'Location', interaction: ['read'] },
      ...personRules(['deceased']),
      ...ROLE_RULES,
      ...noticeRules('reminder'),
    ],
  },
  limits: { timeoutMs: 240_000 },
  secrets: ['NOTIFY_TIME_ZONE', 'REMINDER_HOURS_BEFORE', 'REMINDER_HOURS_BEFORE_STAFF'],
};

export const handler: BotHandler = async (medplum, event) => {
  const nowMs = dueTimeOf(event);
  const settings = settingsOf(event);
  const hours = [...settings.patients, ...settings.staff];
  if (hours.length === 0) return;
  const run: Run = { medplum, nowMs, settings, people: new Map(), made: await madeLately(medplum) };
  const untilMs = nowMs + Math.max(...hours) * HOUR_MS + QUIET_MAX_MS;
  const query = new URLSearchParams({ status: 'booked', _sort: 'date', _count: String(PAGE) });
  query.append('date', `gt${new Date(nowMs).toISOString()}`);
  query.append('date', `le${new Date(untilMs).toISOString()}`);
  for await (const page of medplum.searchResourcePages('Appointment', query, { cache: 'reload' }))
    for (const appointment of page) await tell(medplum, await remindersOf(run, appointment));
};

interface Settings {
  patients: number[];
  staff: number[];
  timeZone: string;
}

interface Run {
  medplum: MedplumClient;
  nowMs: number;
  settings: Settings;
  /** Whom this run has read already. */
  people: Map<string, Person | undefined>;
  /** Keys of reminders that are there. */
  made: ReadonlySet<string>;
}

async function remindersOf(run: Run, appointment: Appointment): Promise<Notice[]> {
  const { medplum, nowMs, settings, made } = run;
  const startMs = Date.parse(appointment.start ?? '');
  const writtenMs = Date.parse(appointment.meta?.lastUpdated ?? '');
  const notices: Notice[] = [];
  // Whom nobody could have to be reminded of by now is not looked up.
  const soon = (hours: number): boolean => startMs - hours * HOUR_MS - QUIET_MAX_MS <= nowMs;
  if (![...settings.patients, ...settings.staff].some(soon)) return notices;
  const place = await placeOf(medplum, appointment);
  for (const to of await participantsOf(medplum, appointment)) {
    const person = await personOf(run, to);
    if (!person || !isToBeTold(person)) continue;
    const zone = statedTimeZone(person) ?? (place.timeZone as string | undefined) ?? settings.timeZone;
    const staff = person.resourceType === 'Practitioner';
    for (const hours of staff ? settings.staff : settings.patients) {
      const leadMs = hours * HOUR_MS;
      const planned = {
        startMs,
        leadMs,
        dueMs: dueMs(startMs, leadMs, quietHoursOf(person), zone),
        writtenMs,
      };
      const key = keyOf(appointment, to, startMs, hours);
      if (made.has(key) || !isTimeToRemind(planned, nowMs)) continue;
      notices.push({
        key,
        kind: 'reminder',
        to,
        template: { name: 'appointment-reminder', values: { start: { at: appointment.start! }, ...place } },
        about: `Appointment/${appointment.id}`,
        until: new Date(startMs).toISOString(),
      });
    }
  }
  return notices;
}

/** The start is part of it: of an appointment that was moved people are reminded again. */
const keyOf = (appointment: Appointment, to: Reference, startMs: number, hours: number): string =>
  ['appointment-reminder', appointment.id, to.reference, new Date(startMs).toISOString(), `PT${hours}H`].join(
    '/',
  );

async function personOf({ medplum, people }: Run, to: Reference<Person>): Promise<Person | undefined> {
  const known = people.has(to.reference!);
  if (!known) people.set(to.reference!, await readIfThere<Person & Resource>(medplum, to));
  return people.get(to.reference!);
}

/** Keys of the reminders of the last hours. What it misses is found by the conditional create. */
async function madeLately(medplum: MedplumClient): Promise<Set<string>> {
  const since = new Date(Date.now() - MADE_LATELY_MS).toISOString();
  const query = new URLSearchParams({
    category: `${KIND_SYSTEM}|reminder`,
    'medium:missing': 'true',
    _lastUpdated: `ge${since}`,
    _count: '1000',
  });
  const keys = new Set<string>();
  for await (const page of medplum.searchResourcePages('Communication', query, { cache: 'reload' }))
    for (const { identifier = [] } of page as Communication[])
      for (const { system, value } of identifier)
        if (system === NOTIFICATION_SYSTEM && value !== undefined) keys.add(value);
  return keys;
}

/** The time for which this run was planned: a run that comes again sees what the first one saw. */
function dueTimeOf({ headers }: BotEvent): number {
  const due = headers?.['x-maxray-scheduled-time'];
  const dueAtMs = typeof due === 'string' ? Date.parse(due) : Number.NaN;
  return Number.isNaN(dueAtMs) ? Date.now() : dueAtMs;
}

function settingsOf(event: BotEvent): Settings {
  const timeZone = setting(event, 'NOTIFY_TIME_ZONE') ?? 'UTC';
  if (!isTimeZone(timeZone)) throw new Error(`NOTIFY_TIME_ZONE is no IANA time zone: ${timeZone}`);
  const patients = hoursOf(event, 'REMINDER_HOURS_BEFORE') ?? USUAL_HOURS;
  return { patients, staff: hoursOf(event, 'REMINDER_HOURS_BEFORE_STAFF') ?? patients, timeZone };
}

/** `24,1`; `none` for no reminders. */
function hoursOf(event: BotEvent, name: string): number[] | undefined {
  const text = setting(event, name);
  if (text === undefined) return undefined;
  if (text === 'none') return [];
  const hours = text.split(',').map(Number);
  if (!hours.every((each) => each > 0 && each <= HOURS_BEFORE_MAX))
    throw new Error(`${name} is no list of hours up to ${HOURS_BEFORE_MAX}, as 24,1: ${text}`);
  return hours;
}
