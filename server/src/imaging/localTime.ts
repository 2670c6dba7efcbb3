/** A moment as DICOM has it: by the clock where it was. */
export interface LocalTime {
  /** YYYYMMDD */
  date?: string;
  /** HHMMSS */
  time?: string;
  /** Offset from UTC, &ZZXX (PS3.3 section C.12.1.1.8). */
  zone?: string;
}

const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:(Z)|([+-]\d{2}):(\d{2})))?$/;

/** Of a FHIR dateTime; of one that says no day nothing. */
export function localTimeOf(dateTime = ''): LocalTime {
  const found = DATE_TIME.exec(dateTime);
  if (!found) return {};
  const [, year, month, day, hours, minutes, seconds, utc, zoneHours, zoneMinutes] = found;
  const date = `${year}${month}${day}`;
  if (hours === undefined) return { date };
  const zone = utc === undefined ? `${zoneHours}${zoneMinutes}` : '+0000';
  return { date, time: `${hours}${minutes}${seconds}`, zone };
}
