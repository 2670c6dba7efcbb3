import { splitPrefix, type Comparison } from './comparison.ts';
import type { Typed } from './paths.ts';
import { excluding, HIGHEST, including, LOWEST, compareAt, type Span } from './span.ts';
import { list, object, text } from './world.ts';

/** How much of the distance from now to the date is near, for `ap` (search.html#prefix). */
const NEAR_SHARE = 0.1;
const PARTS = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/;

/** The time that a date covers by its precision: from its first moment to before the next one (search.html#date). */
export function dateRange(written: string): Span {
  const { from, to } = limits(written);
  return { low: including(ms(from)), high: excluding(ms(to)) };
}

function limits(written: string): { from: number; to: number } {
  const [, year, month, day, hour, minute, second, fraction, zone] = PARTS.exec(written) ?? [];
  if (year === undefined) throw new Error(`not a date: ${written}`);
  const offset = zoneOffset(zone ?? 'Z');
  const moment = (y: number, mo: number, d: number, h = 0, mi = 0, s = 0, more = 0): number => {
    const date = new Date(0);
    date.setUTCFullYear(y, mo - 1, d);
    date.setUTCHours(h, mi, withoutLeap(s), more);
    return date.getTime() - offset;
  };
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month === undefined) return { from: moment(y, 1, 1), to: moment(y + 1, 1, 1) };
  if (day === undefined) return { from: moment(y, mo, 1), to: moment(y, mo + 1, 1) };
  if (hour === undefined) return { from: moment(y, mo, d), to: moment(y, mo, d + 1) };
  if (second === undefined) return { from: moment(y, mo, d, h, mi), to: moment(y, mo, d, h, mi + 1) };
  if (fraction === undefined) {
    const from = moment(y, mo, d, h, mi, s);
    return { from, to: from + 1_000 };
  }
  const digits = Math.min(3, fraction.length - 1);
  const from = moment(y, mo, d, h, mi, s, Number(fraction.slice(1, 4).padEnd(3, '0')));
  return { from, to: from + 10 ** (3 - digits) };
}

/** Clocks here have no leap seconds: 23:59:60 is told by 23:59:59. */
const withoutLeap = (second: number): number => (second === 60 ? 59 : second);

function zoneOffset(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

const ms = (time: number) => ({ digits: BigInt(Math.round(time)), exponent: 0 });

/** The time that an element covers; undefined where it has none. */
export function dateSpan({ type, value }: Typed): Span | undefined {
  switch (type) {
    case 'date':
    case 'dateTime':
      return typeof value === 'string' ? dateRange(value) : undefined;
    case 'instant':
      return typeof value === 'string' ? instant(value) : undefined;
    case 'Period':
      return period(value);
    case 'Timing': {
      const spans = list(object(value)?.event).map((event) => dateRange(String(event)));
      const bounds = period(object(object(value)?.repeat)?.boundsPeriod);
      return outerLimits(bounds ? [...spans, bounds] : spans);
    }
  }
  return undefined;
}

/** A fixed point in time, however few digits it has; the system's precision is a millisecond. */
function instant(written: string): Span {
  const { low } = dateRange(written);
  const { from } = limits(written);
  return { low, high: excluding(ms(from + 1)) };
}

function period(value: unknown): Span | undefined {
  const [start, end] = [text(object(value)?.start), text(object(value)?.end)];
  if (start === undefined && end === undefined) return undefined;
  return {
    low: start === undefined ? LOWEST : dateRange(start).low,
    high: end === undefined ? HIGHEST : dateRange(end).high,
  };
}

function outerLimits(spans: readonly Span[]): Span | undefined {
  const [first, ...others] = spans;
  return (
    first &&
    others.reduce<Span>(
      (outer, { low, high }) => ({
        low: compareAt(low, outer.low) < 0 ? low : outer.low,
        high: compareAt(high, outer.high) > 0 ? high : outer.high,
      }),
      first,
    )
  );
}

/** `[prefix]date`. @param now in milliseconds since 1970 UTC */
export function dateComparison(written: string, now: number): Comparison {
  const [prefix, value] = splitPrefix(written);
  const range = dateRange(value);
  const { from, to } = limits(value);
  const distance = Math.abs(now - from) * NEAR_SHARE;
  // The range above begins where the value's own ends.
  const [above, below] = [including(ms(to)), excluding(ms(from))];
  const near = { low: including(ms(from - distance)), high: excluding(ms(to + distance)) };
  return { prefix, range, above, below, atOrAbove: above, atOrBelow: below, equal: range, near };
}
