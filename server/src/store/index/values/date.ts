import { fhirError } from '../../../fhir/outcome.ts';
import { dateSpan, hull, type DateSpan } from '../../../fhir/dates.ts';
import { asObject, asText, items } from './json.ts';

/**
 * Reads the time that an element covers; undefined when it holds none.
 * Throws FhirError `unprocessable` for a date that does not exist: it could be stored but never found.
 */
export type DateReader = (value: unknown) => DateSpan | undefined;

/** How a date parameter reads elements of a type (http://hl7.org/fhir/R4/search.html#date). */
export function dateReader(type: string, path: string): DateReader | undefined {
  switch (type) {
    case 'date':
    case 'dateTime':
      return (value) => readDate(value, path);
    case 'instant':
      return (value) => readInstant(value, path);
    case 'Period':
      return (value) => readPeriod(value, path);
    case 'Timing':
      return (value) => readTiming(value, path);
    default:
      return undefined;
  }
}

function readDate(value: unknown, path: string): DateSpan | undefined {
  const text = asText(value);
  if (text === undefined) return undefined;
  const span = dateSpan(text);
  if (!span)
    throw fhirError('unprocessable', 'value', `${path} holds a date that does not exist: correct it.`, path);
  return span;
}

/** A fixed point in time, however few digits it is written with. */
function readInstant(value: unknown, path: string): DateSpan | undefined {
  const span = readDate(value, path);
  return span && { loMs: span.loMs, hiMs: span.loMs };
}

function readPeriod(value: unknown, path: string): DateSpan | undefined {
  const period = asObject(value);
  const start = readDate(period?.['start'], path);
  const end = readDate(period?.['end'], path);
  if (!start && !end) return undefined;
  return { loMs: start?.loMs ?? -Infinity, hiMs: end?.hiMs ?? Infinity };
}

/** Only the outer limits of a schedule count, says the specification. */
function readTiming(value: unknown, path: string): DateSpan | undefined {
  const timing = asObject(value);
  const events = items(timing?.['event']).map((event) => readDate(event, path));
  const bounds = readPeriod(asObject(timing?.['repeat'])?.['boundsPeriod'], path);
  return hull([...events, bounds].filter((span) => span !== undefined));
}
