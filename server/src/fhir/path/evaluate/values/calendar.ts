import { PathEvaluationError } from '../../errors.ts';
import type { Quantity } from './quantity.ts';
import { daysInMonth, HOUR, Temporal } from './temporal.ts';

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['wk', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
]);
/** Length in milliseconds of a unit of each precision from the day on: what is shorter is not counted. */
const PART_MS = [0, 0, 86_400_000, 3_600_000, 60_000, 1, 1];
const DAY_MS = 86_400_000;
const YEAR_MAX = 9999;

/**
 * Adds a duration to a date or time, as precise as that is (http://hl7.org/fhirpath/N1/#datetime-arithmetic). Of the
 * duration whole units count.
 *
 * @returns undefined beyond the years 1 to 9999
 * @throws PathEvaluationError for a quantity that is no duration, or whose length is not that of the calendar (`1 'a'`)
 */
export function addTime(start: Temporal, duration: Quantity): Temporal | undefined {
  const amount = Number(duration.value.truncated());
  const { word } = duration;
  if (word === 'year' || word === 'month') {
    if (start.kind === 'time') throw new PathEvaluationError('a time has no months');
    return addMonths(start, word === 'year' ? amount * 12 : amount);
  }
  const unitMs = UNIT_MS.get(duration.code) ?? (word && UNIT_MS.get(duration.code.replace(/s$/, '')));
  if (unitMs === undefined || unitMs === '') {
    throw new PathEvaluationError('only a duration can be added to a date or time');
  }
  return addMs(start, amount * unitMs);
}

function addMonths(start: Temporal, months: number): Temporal | undefined {
  const [year = 0, month = 1, day = 1, ...time] = start.parts;
  // Of a year alone, twelve months are one.
  const whole = start.known === 1 ? Math.trunc(months / 12) * 12 : months;
  const total = year * 12 + month - 1 + whole;
  const newYear = Math.floor(total / 12);
  const newMonth = (total % 12) + 1;
  if (!(newYear >= 1 && newYear <= YEAR_MAX)) return undefined;
  const newDay = Math.min(day, daysInMonth(newYear, newMonth));
  return new Temporal(start.kind, [newYear, newMonth, newDay, ...time], start.known, start.zone);
}

function addMs(start: Temporal, ms: number): Temporal | undefined {
  if (start.known < HOUR && start.kind !== 'time') {
    // A month has 30 days where days are not known, a year twelve months.
    const months = Math.trunc(ms / (30 * DAY_MS));
    return addMonths(start, months);
  }
  const precisionMs = PART_MS[start.known - 1]!;
  const sum = start.ms + Math.trunc(ms / precisionMs) * precisionMs;
  if (!Number.isFinite(sum) || Math.abs(sum) > 8e15) return undefined;
  const result = Temporal.ofMs(start.kind, sum, start.known, start.zone);
  const year = result.parts[0]!;
  if (start.kind === 'time') {
    return new Temporal('time', [1, 1, 1, ...result.parts.slice(HOUR)], start.known, undefined);
  }
  return year >= 1 && year <= YEAR_MAX ? result : undefined;
}
