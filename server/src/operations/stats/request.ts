import { dateSpan } from '../../fhir/dates.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { OperationParameters } from '../parameters.ts';
import { acceptOnly, boolean, positiveInt } from '../values.ts';
import { STATISTICS } from './statistics.ts';
import { parameterFault } from '../parameterFault.ts';

/** Source observations that come along when the call names no limit, and the most that do. */
export const SOURCES_MAX = 1_000;
/** Codes of one call. */
const CODES_MAX = 100;

export interface Coding {
  system: string;
  code: string;
  display?: string;
}

export interface StatsRequest {
  /** `Type/id` or an absolute URL. */
  subject: string;
  codings: Coding[];
  /** Milliseconds since 1970 UTC, both included; absent: open. */
  fromMs?: number;
  toMs?: number;
  /** Codes of the statistics, in order, each once. */
  statistics: string[];
  /** Source observations to return. */
  sources: number;
}

export const COUNTS: ReadonlyMap<string, string> = new Map([
  ['count', 'Count'],
  ['total-count', 'Total Count'],
]);
/** As R4's own text names them. */
const OTHER_NAMES: Readonly<Record<string, string>> = { max: 'maximum', min: 'minimum' };

const NAMES = ['subject', 'code', 'system', 'coding', 'duration', 'period', 'statistic', 'include', 'limit'];
const HOUR_MS = 3_600_000;
/** `Patient/123`, or an absolute URL that ends so. */
const REFERENCE = /^(https?:\/\/\S+\/)?[A-Z][A-Za-z]*\/[A-Za-z0-9\-.]{1,64}$/;

/** @throws FhirError `incorrect` that names what is wrong or missing */
export function statsRequest(parameters: OperationParameters, nowMs: number): StatsRequest {
  acceptOnly(parameters, 'stats', NAMES);
  const subject = parameters.text('subject');
  if (subject === undefined || !REFERENCE.test(subject)) {
    throw wrong(
      'subject',
      subject,
      'subject must be a reference to whom the observations are of, such as Patient/123.',
    );
  }
  const isIncluded = boolean(parameters, 'include') ?? false;
  return {
    subject,
    codings: codingsOf(parameters),
    ...periodOf(parameters, nowMs),
    statistics: statisticsOf(parameters),
    sources: isIncluded ? Math.min(positiveInt(parameters, 'limit', SOURCES_MAX), SOURCES_MAX) : 0,
  };
}

function codingsOf(parameters: OperationParameters): Coding[] {
  const codes = parameters.texts('code');
  const system = parameters.text('system');
  if (codes.includes('') || system === '' || (codes.length > 0 && system === undefined)) {
    throw wrong('code', system, 'Give each code together with its system, or as a coding.');
  }
  const named = codes.map((code): Coding => ({ system: system!, code }));
  const codings = [...named, ...parameters.named('coding').map(({ value }) => codingOf(value))];
  if (codings.length === 0)
    throw wrong('code', undefined, 'Say what to count: give code and system, or coding (POST).');
  if (codings.length > CODES_MAX) {
    throw parameterFault('too-costly', 'code', `$stats takes ${CODES_MAX} codes at the most: send fewer.`);
  }
  return codings;
}

function codingOf(value: unknown): Coding {
  const { system, code, display } = (typeof value === 'object' && value !== null ? value : {}) as JsonObject;
  if (typeof system !== 'string' || typeof code !== 'string' || system === '' || code === '') {
    throw wrong(
      'coding',
      value,
      'coding must be a valueCoding with system and code, in a Parameters resource.',
    );
  }
  return { system, code, ...(typeof display === 'string' && { display }) };
}

function periodOf(parameters: OperationParameters, nowMs: number): { fromMs?: number; toMs?: number } {
  const duration = parameters.text('duration');
  const periods = parameters.named('period');
  if (periods.length + (duration === undefined ? 0 : 1) > 1) {
    throw wrong('duration', duration, 'Give one of duration and period, and give it once.');
  }
  if (duration !== undefined) {
    const hours = /^\d{1,9}(\.\d{1,9})?$/.test(duration) ? Number(duration) : 0;
    if (hours > 0) return { fromMs: nowMs - hours * HOUR_MS, toMs: nowMs };
    throw wrong('duration', duration, 'duration must be a number of hours above 0.');
  }
  return periods[0] ? boundsOf(periods[0].value) : {};
}

function boundsOf(value: unknown): { fromMs?: number; toMs?: number } {
  const { start, end } = (typeof value === 'object' && value !== null ? value : {}) as JsonObject;
  const fromMs = typeof start === 'string' ? dateSpan(start)?.loMs : undefined;
  const toMs = typeof end === 'string' ? dateSpan(end)?.hiMs : undefined;
  if (fromMs === undefined && toMs === undefined) {
    throw wrong(
      'period',
      value,
      'period must be a valuePeriod with start, end or both, in a Parameters resource.',
    );
  }
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) {
    throw wrong('period', value, 'The start of period must not be after its end.');
  }
  return { ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) };
}

function statisticsOf(parameters: OperationParameters): string[] {
  const codes = parameters.texts('statistic').map((code) => OTHER_NAMES[code] ?? code);
  const isKnown = (code: string) => STATISTICS.has(code) || COUNTS.has(code);
  if (codes.length > 0 && codes.every(isKnown)) return [...new Set(codes)];
  const known = [...STATISTICS.keys(), ...COUNTS.keys()].join(', ');
  throw wrong('statistic', codes[0], `statistic must be one of ${known}; it may be given several times.`);
}

function wrong(name: string, given: unknown, text: string) {
  return parameterFault(given === undefined ? 'required' : 'value', name, text);
}
