import type { Extension } from '@medplum/fhirtypes';
import { QUIET_HOURS_EXTENSION } from '../notify/codes.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Minutes since midnight, in the zone of the person. From a start up to an end, which is earlier where a night lies between them; equal: none. */
export interface QuietHours {
  startMinute: number;
  endMinute: number;
}

/** At night nobody is woken who has not said otherwise. */
export const USUAL_QUIET_HOURS: QuietHours = { startMinute: 21 * 60, endMinute: 8 * 60 };

/** The quiet hours that somebody has chosen, else the usual ones. */
export function quietHoursOf(person: { extension?: Extension[] | undefined }): QuietHours {
  const parts = person.extension?.find(({ url }) => url === QUIET_HOURS_EXTENSION)?.extension ?? [];
  const minute = (name: string) => minuteOf(parts.find(({ url }) => url === name)?.valueTime);
  const [startMinute, endMinute] = [minute('start'), minute('end')];
  return startMinute === undefined || endMinute === undefined
    ? USUAL_QUIET_HOURS
    : { startMinute, endMinute };
}

function minuteOf(time: string | undefined): number | undefined {
  const [, hour, minute] = /^(\d\d):(\d\d)(:\d\d(\.\d+)?)?$/.exec(time ?? '') ?? [];
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute);
}

/** Minutes since midnight in a zone. */
export function localMinute(atMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = format.formatToParts(atMs);
  const number = (type: 'hour' | 'minute') => Number(parts.find((part) => part.type === type)?.value);
  return number('hour') * 60 + number('minute');
}

const wrap = (minutes: number): number => ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;

/**
 * The quiet hours into which an instant falls: when they began and when they end.
 *
 * @returns undefined where it falls into none
 */
export function quietAround(
  atMs: number,
  { startMinute, endMinute }: QuietHours,
  timeZone: string,
): { startMs: number; endMs: number } | undefined {
  const minute = localMinute(atMs, timeZone);
  const since = wrap(minute - startMinute);
  if (since >= wrap(endMinute - startMinute)) return undefined;
  const wholeMinuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  return {
    startMs: at(wholeMinuteMs - since * MINUTE_MS, startMinute, timeZone),
    endMs: at(wholeMinuteMs + wrap(endMinute - minute) * MINUTE_MS, endMinute, timeZone),
  };
}

/** Corrects a guess by what a change of the clock between has made of it. */
function at(guessMs: number, minute: number, timeZone: string): number {
  const off = wrap(minute - localMinute(guessMs, timeZone) + DAY_MINUTES / 2) - DAY_MINUTES / 2;
  return guessMs + off * MINUTE_MS;
}
