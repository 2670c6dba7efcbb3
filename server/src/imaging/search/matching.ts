import { ACCENTS } from '../../fhir/accents.ts';
import { decomposed } from '../../fhir/decomposed.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { DicomJson, PersonNameValue } from '../dicomJson.ts';
import type { Attribute } from './attributes.ts';

/** What a result must have: one of the values. */
export interface MatchingKey {
  attribute: Attribute;
  values: readonly string[];
}

/** Whether a data set has what is asked for (PS3.4 section C.2.2.2). */
export function matches({ attribute, values }: MatchingKey, dataSet: DicomJson): boolean {
  const present = dataSet[attribute.tag]?.Value ?? [];
  return values.some((wanted) => present.some((one) => isMatch(attribute, wanted, one)));
}

/** @throws FhirError `incorrect` where nothing could be compared with the value */
export function requireReadable({ matching, keyword }: Attribute, value: string): void {
  const text = FORMS[matching ?? 'text'];
  if (!text || text.form.test(value)) return;
  throw fhirError('incorrect', 'value', `${keyword} takes ${text.says}.`);
}

const DAY = String.raw`\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])`;
const CLOCK = String.raw`(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\.\d{1,6})?)?)?`;
const rangeOf = (one: string): RegExp => new RegExp(`^(?:${one}|${one}-|-${one}|${one}-${one})$`);

const FORMS: Partial<Record<NonNullable<Attribute['matching']>, { form: RegExp; says: string }>> = {
  date: {
    form: rangeOf(DAY),
    says: 'a day as YYYYMMDD, or a range of days: 20260101-20261231, 20260101-, -20261231',
  },
  time: { form: rangeOf(CLOCK), says: 'a time as HHMMSS, or a range of times: 0800-1200, 0800-, -1200' },
  number: { form: /^-?\d{1,12}$/, says: 'a number' },
};

function isMatch({ matching }: Attribute, wanted: string, value: unknown): boolean {
  switch (matching) {
    case 'date':
      return isWithin(wanted, String(value), (day) => day);
    case 'time':
      return isWithin(wanted, String(value), asClock);
    case 'number':
      return Number(wanted) === Number(value);
    case 'name':
      return isLike(asName(wanted), asName((value as PersonNameValue).Alphabetic));
    case 'uid':
      return wanted === value;
    default:
      return isLike(wanted, String(value));
  }
}

/** @param full how a time is written out, so that texts compare as times do; of an upper bound the last moment that it names */
function isWithin(wanted: string, value: string, full: (text: string, isEnd: boolean) => string): boolean {
  const [from = '', to = from] = wanted.split('-') as [string, string?];
  const at = full(value, false);
  return (from === '' || at >= full(from, false)) && (to === '' || at <= full(to, true));
}

/** HHMMSS.FFFFFF: 10 means all of that hour. */
function asClock(text: string, isEnd: boolean): string {
  const [clock = '', fraction = ''] = text.split('.');
  const filled = clock + (isEnd ? '235959' : '000000').slice(clock.length);
  return `${filled}.${fraction.padEnd(6, isEnd ? '9' : '0')}`;
}

/** Names are compared without regard to case and accents, and parts at the end that are empty (PS3.4 section C.2.2.2.1.1 leaves it open). */
export const asName = (text: string): string =>
  decomposed(text, 'NFD')
    .replaceAll(ACCENTS, '')
    .toLowerCase()
    .replace(/[\^=]+$/, '');

/** Wild card matching (PS3.4 section C.2.2.2.4), in time of the product of both lengths at most. */
export function isLike(pattern: string, text: string): boolean {
  let at = 0;
  let inText = 0;
  let star = -1;
  let resume = 0;
  while (inText < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      resume = inText;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[inText])) {
      at += 1;
      inText += 1;
    } else if (star >= 0) {
      at = star + 1;
      inText = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

export const hasWildCard = (text: string): boolean => /[*?]/.test(text);
