/** A day and a time of day as DICOM has them (value representations DA and TM): YYYYMMDD and HHMMSS. */
export interface LocalTime {
  date: string;
  time: string;
}

const DAY_ONLY = /^\d{4}-\d{2}-\d{2}$/;
const DATE = /^(\d{4})\.?(\d{2})\.?(\d{2})$/;
const TIME = /^(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?/;
const MINUTE_MS = 60_000;

/** Between FHIR's instants and the local times of modalities, which name no zone. */
export class LocalClock {
  readonly #format: Intl.DateTimeFormat;

  /** @param timeZone IANA name of the zone of the modalities; absent: that of the process. @throws RangeError when there is no such zone */
  constructor(timeZone?: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      ...(timeZone !== undefined && { timeZone }),
      ...{
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      },
      hourCycle: 'h23',
    });
  }

  /** @param dateTime of FHIR; of less than a day it is nothing, and of a day it has no time */
  localOf(dateTime: string | undefined): LocalTime | undefined {
    if (dateTime === undefined) return undefined;
    if (DAY_ONLY.test(dateTime)) return { date: dateTime.replaceAll('-', ''), time: '' };
    const ms = dateTime.includes('T') ? Date.parse(dateTime) : Number.NaN;
    return Number.isNaN(ms) ? undefined : this.#local(ms);
  }

  /** @returns an instant of FHIR, a day where the time is not known, undefined where the day is not */
  instantOf(date: string | undefined, time: string | undefined): string | undefined {
    const [day, of] = [DATE.exec(date ?? ''), TIME.exec(time ?? '')];
    if (!day) return undefined;
    const iso = `${day[1]}-${day[2]}-${day[3]}`;
    if (!new Date(`${iso}T00:00:00Z`).toJSON()?.startsWith(iso)) return undefined; // 30 February is none
    if (!of) return iso;
    const asUtcMs = Date.parse(`${iso}T${of[1]}:${of[2] ?? '00'}:${of[3] ?? '00'}Z`);
    if (Number.isNaN(asUtcMs)) return iso;
    // The offset of the time that is looked for is that of a time near it, but for the hours in which clocks are changed.
    const near = asUtcMs - this.#offsetMs(asUtcMs);
    return new Date(asUtcMs - this.#offsetMs(near)).toISOString();
  }

  #offsetMs(ms: number): number {
    const { date, time } = this.#local(ms);
    const [, year, month, day] = DATE.exec(date)!;
    const [, hour, minute, second] = TIME.exec(time)!;
    const asUtcMs = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!);
    return Math.round((asUtcMs - ms) / MINUTE_MS) * MINUTE_MS;
  }

  #local(ms: number): LocalTime {
    const of = new Map(this.#format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const joined = (...types: Intl.DateTimeFormatPartTypes[]) => types.map((type) => of.get(type)).join('');
    return { date: joined('year', 'month', 'day'), time: joined('hour', 'minute', 'second') };
  }
}
