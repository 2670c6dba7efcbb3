export type TemporalKind = 'date' | 'dateTime' | 'time';

const DATE_TIME =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:\d\d)?)?)?$/;
const TIME = /^T?(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?$/;

/** Names of the parts, in order: seconds and milliseconds are two, but compare as one number. */
export const PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond'] as const;
/** Index of the first part of a time. */
export const HOUR = 3;
const SECOND = 5;
const MILLISECOND = 6;
const FIRST = [1, 1, 1, 0, 0, 0, 0];
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A date, date with time, or time, as precise as it was written. */
export class Temporal {
  readonly kind: TemporalKind;
  /** Year, month, day, hour, minute, second, millisecond; of a time the first three are those of an unknown day. */
  readonly parts: readonly number[];
  /** How many parts are known, counted from the year. */
  readonly known: number;
  /** Minutes east of UTC. */
  readonly zone: number | undefined;

  constructor(kind: TemporalKind, parts: readonly number[], known: number, zone: number | undefined) {
    this.kind = kind;
    this.parts = parts;
    this.known = known;
    this.zone = zone;
  }

  /** @returns undefined for a text that is none of the kind, or a day or time that does not exist */
  static parse(kind: TemporalKind, text: string): Temporal | undefined {
    const match = kind === 'time' ? TIME.exec(text) : DATE_TIME.exec(text);
    if (!match || (kind === 'date' && text.includes('T'))) return undefined;
    const groups = kind === 'time' ? ['', '1', '1', '1', ...match.slice(1)] : [...match];
    const parts = FIRST.slice();
    let known = 0;
    for (let i = 0; i < FIRST.length; i++) {
      const digits = groups[i + 1];
      if (digits === undefined) break;
      parts[i] = Number(i === MILLISECOND ? digits.slice(0, 3).padEnd(3, '0') : digits);
      known = i + 1;
    }
    const temporal = new Temporal(kind, parts, known, zoneOf(groups[8]));
    return temporal.exists() ? temporal : undefined;
  }

  static ofMs(kind: TemporalKind, ms: number, known: number, zone: number | undefined): Temporal {
    const local = new Date(ms + (zone ?? 0) * MINUTE_MS);
    const parts = [
      local.getUTCFullYear(),
      local.getUTCMonth() + 1,
      local.getUTCDate(),
      local.getUTCHours(),
      local.getUTCMinutes(),
      local.getUTCSeconds(),
      local.getUTCMilliseconds(),
    ];
    return new Temporal(kind, parts, known, zone);
  }

  private exists(): boolean {
    const [y = 0, m = 0, d = 0, h = 0, min = 0, s = 0] = this.parts;
    if (m < 1 || m > 12 || h > 24 || min > 59 || s > 60) return false;
    return d >= 1 && d <= daysInMonth(y, m);
  }

  /** Milliseconds since 1970 of the first moment that it can mean. */
  get ms(): number {
    const [y = 0, m = 1, d = 1, h = 0, min = 0, s = 0, ms = 0] = this.parts;
    const day = new Date(0).setUTCFullYear(y, m - 1, d);
    return day + ((h * 60 + min) * 60 + s) * 1_000 + ms - (this.zone ?? 0) * MINUTE_MS;
  }

  /**
   * Compares part by part as far as both are known (http://hl7.org/fhirpath/N1/#datetime-equality).
   *
   * @returns negative, 0 or positive; undefined when it depends on what is not known
   */
  compare(other: Temporal): number | undefined {
    const bothTimes = this.known > HOUR && other.known > HOUR && this.kind !== 'time';
    if (bothTimes && (this.zone === undefined) !== (other.zone === undefined)) {
      const apartMs = this.ms - other.ms;
      return Math.abs(apartMs) > DAY_MS ? apartMs : undefined;
    }
    const a = bothTimes ? this.inUtc() : this.parts;
    const b = bothTimes ? other.inUtc() : other.parts;
    const common = Math.min(this.known, other.known);
    for (let i = 0; i < common && i < SECOND; i++) {
      if (a[i] !== b[i]) return a[i]! - b[i]!;
    }
    if (common > SECOND) return a[SECOND]! * 1_000 + a[MILLISECOND]! - b[SECOND]! * 1_000 - b[MILLISECOND]!;
    return this.known === other.known ? 0 : undefined;
  }

  private inUtc(): readonly number[] {
    return this.zone ? Temporal.ofMs(this.kind, this.ms, this.known, 0).parts : this.parts;
  }

  /** The same text for two that are equal. */
  get key(): string {
    const parts = this.known > HOUR && this.kind !== 'time' ? this.inUtc() : this.parts;
    const known = this.known > SECOND ? FIRST.length : this.known;
    const zone = this.zone === undefined || this.known <= HOUR ? '' : 'Z';
    return `${this.kind === 'time' ? 'T' : ''}${parts.slice(0, known).join(':')}${zone}`;
  }

  /** Digits of what is known, as `precision()` counts them. */
  get digits(): number {
    const widths = this.kind === 'time' ? [0, 0, 0, 2, 2, 2, 3] : [4, 2, 2, 2, 2, 2, 3];
    return widths.slice(0, this.known).reduce((sum, width) => sum + width, 0);
  }

  toString(): string {
    const [y, m, d, h, min, s, ms] = this.parts.map((part, i) =>
      String(part).padStart(i === 0 ? 4 : i === MILLISECOND ? 3 : 2, '0'),
    );
    const date = [y, m, d].slice(0, this.known).join('-');
    const time = [h, min, s].slice(0, Math.max(0, this.known - HOUR)).join(':');
    const clock = this.known > MILLISECOND ? `${time}.${ms}` : time;
    if (this.kind === 'time') return clock;
    if (this.kind === 'date' || time === '') return date;
    return `${date}T${clock}${zoneText(this.zone)}`;
  }
}

function zoneOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4));
  return text.startsWith('-') ? -minutes : minutes;
}

function zoneText(zone: number | undefined): string {
  if (zone === undefined) return '';
  if (zone === 0) return 'Z';
  const minutes = Math.abs(zone);
  const pad = (number: number) => String(number).padStart(2, '0');
  return `${zone < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Compares two texts of dates, or of dates with times, as {@link Temporal.compare} does, without reading them where they
 * are written alike.
 *
 * @returns undefined when it depends on what is not known, or one of them is no date
 */
export function compareTexts(a: string, b: string): number | undefined {
  if (a.length === b.length && (a.length <= 10 || a.slice(19) === b.slice(19))) {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const left = Temporal.parse('dateTime', a);
  const right = Temporal.parse('dateTime', b);
  return left && right && left.compare(right);
}
