import { fhirError } from '../fhir/outcome.ts';

/** Longer ones are no times that a person wrote down. */
const CRON_CHARS_MAX = 200;
const FIELDS = /^\S+( +\S+){4,5}$/;
/** `H` stands for a random time, which another server would choose otherwise. */
const RANDOM = /\bH\b/;

/**
 * The first time after another that a cron expression names, where its clock shows it: a time that is skipped in spring comes an hour later, one that comes twice in
 * autumn counts once.
 *
 * @param timeZone of the IANA database
 * @throws FhirError `value` when there is no such time zone, no such expression, or no such time
 */
export async function nextTime(cron: string, timeZone: string, after: Date): Promise<Date> {
  if (!isTimeZone(timeZone)) throw wrong(`"${timeZone}" is no time zone: write one such as Africa/Kampala.`);
  const text = cron.trim();
  if (text.length > CRON_CHARS_MAX || !FIELDS.test(text) || RANDOM.test(text)) throw noCron(cron);
  const { getNextMillis } = await import('bullmq');
  let nextMs: unknown;
  try {
    nextMs = getNextMillis(after.getTime(), { pattern: text, tz: timeZone });
  } catch {
    throw noCron(cron);
  }
  if (typeof nextMs !== 'number' || Number.isNaN(nextMs)) throw wrong(`"${cron}" names no time that comes.`);
  return new Date(nextMs);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const noCron = (cron: string) =>
  wrong(
    `"${cron.slice(0, CRON_CHARS_MAX)}" is no cron expression: write minute, hour, day of the month, month and day of the week, such as 30 7 * * 1-5.`,
  );

const wrong = (text: string) => fhirError('unprocessable', 'value', text);
